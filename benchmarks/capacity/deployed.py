"""The template's own numbers: how many messages of which queue are worked on at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy_worker.embedded.cfn_yaml import load_template
from jobs.contract.message import JobType, Tier
from jobs.tiers import WORK_QUEUES

ACCOUNT_CONCURRENCY = 1_000
"""Invocations at once in an account and region unless AWS has raised it (AWS Lambda quotas)."""


@dataclass(frozen=True, slots=True)
class Source:
    """One event source mapping: `key` is its entry of the template's map `Concurrency`."""

    queue: str
    function: str
    key: str
    servers: int
    batch: int
    timeout: int
    visibility: int


def mappings(path: Path, scale: str, factor: float = 1.0) -> dict[str, Source]:
    """Queue (like `lite-ocr`) -> mapping, of the template at `path` deployed with `Scale=scale`.

    `factor` multiplies the concurrency, to see what more would do. Sources under a condition are
    left out: they are off unless switched on.
    """
    template = load_template(path)
    resources, table = template["Resources"], template["Mappings"]["Concurrency"][scale]
    default = template["Globals"]["Function"]
    found = {}
    for resource in resources.values():
        if resource["Type"] != "AWS::Lambda::EventSourceMapping" or "Condition" in resource:
            continue
        given = resource["Properties"]
        if "ScalingConfig" not in given:
            continue
        queue = _queue(given["EventSourceArn"])
        key = given["ScalingConfig"]["MaximumConcurrency"]["Fn::FindInMap"][2]
        function = resources[given["FunctionName"]["Ref"].removesuffix(".Alias")]["Properties"]
        name = _name(resources[queue]["Properties"]["QueueName"])
        found[name] = Source(
            queue=name,
            function=_name(function["FunctionName"]).replace("-", "_"),
            key=key,
            servers=max(1, round(int(table[key]) * factor)),
            batch=int(given["BatchSize"]),
            timeout=int(function.get("Timeout", default["Timeout"])),
            visibility=int(resources[queue]["Properties"]["VisibilityTimeout"]),
        )
    return found


def work_queue_of(tier: Tier, job_type: JobType) -> str:
    """The work queue of a tier and type. Raises `KeyError` where the tier may not have it."""
    return {pair: name for name, pair in WORK_QUEUES.items()}[tier, job_type]


def _queue(arn: Mapping[str, Any]) -> str:
    """The logical id behind an ARN; of an `If`, the queue the stack makes itself."""
    if "Fn::If" in arn:
        arn = arn["Fn::If"][1]
    given = arn["Fn::GetAtt"]
    return str(given[0] if isinstance(given, list) else given.partition(".")[0])


def _name(value: Mapping[str, Any]) -> str:
    return str(value["Fn::Sub"]).removeprefix("${AWS::StackName}-")
