"""What the template deploys, as far as it is billed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from academy_worker.cost.model import Deployment
from academy_worker.embedded.cfn_yaml import load_template
from jobs.telemetry import ALARMING, Metric
from jobs.tiers import WORK_QUEUES

EVERYDAY = (
    Metric.ADMITTED,
    Metric.DONE,
    Metric.QUEUE_WAIT,
    Metric.RUN_TIME,
    Metric.DOWNLOAD_BYTES,
    Metric.NOTIFIED,
    Metric.NOTIFY_LAG,
)
"""Metrics that every job emits; the others come with trouble and count for little."""

MET_BY_DEFAULT = (None, "Monitored")
"""Conditions of billed resources that hold where no parameter was given."""


def deployment(path: Path) -> Deployment:
    """Read the template at `path`: what a stack without GPU and pull adapter has."""
    template = load_template(path)
    resources: Mapping[str, Any] = template["Resources"]
    alarms = _of(resources, "AWS::CloudWatch::Alarm")
    polled = [
        item
        for item in _of(resources, "AWS::Lambda::EventSourceMapping")
        if "StartingPosition" not in item["Properties"]
    ]
    return Deployment(
        memory=_memory(template),
        polled_queues=len(polled),
        alarm_metrics=sum(_metrics(item["Properties"]) for item in alarms),
        composite_alarms=len(_of(resources, "AWS::CloudWatch::CompositeAlarm")),
        dashboards=len(_of(resources, "AWS::CloudWatch::Dashboard")),
        metrics=len(EVERYDAY) * len(WORK_QUEUES) + len(ALARMING.intersection(EVERYDAY)),
    )


def _of(resources: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    """The resources of a type that a stack has by default."""
    return [
        item
        for item in resources.values()
        if item["Type"] == kind and item.get("Condition") in MET_BY_DEFAULT
    ]


def _metrics(alarm: Mapping[str, Any]) -> int:
    """Metrics an alarm looks at; each is billed."""
    return len([one for one in alarm.get("Metrics", []) if "MetricStat" in one]) or 1


def _memory(template: Mapping[str, Any]) -> dict[str, int]:
    """MB of each function by its name without the stack's, with underscores."""
    default = template["Globals"]["Function"]["MemorySize"]
    return {
        item["Properties"]["FunctionName"]["Fn::Sub"]
        .removeprefix("${AWS::StackName}-")
        .replace("-", "_"): int(item["Properties"].get("MemorySize", default))
        for item in template["Resources"].values()
        if item["Type"] == "AWS::Serverless::Function"
    }
