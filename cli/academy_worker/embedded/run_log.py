"""A run's log: what every function wrote, and how many messages each queue was left with."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from academy_worker.embedded.project import OUT
from academy_worker.embedded.system import System

RUN_LOG = OUT / "logs.jsonl"
"""The last run's, one JSON object a line, as `academy_worker.dashboard.log_lines` reads it."""


def save_run_log(system: System, path: Path = RUN_LOG) -> None:
    """Write the log of a running system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        for entry in [*entries(system.engine.client("logs")), *_depths(system)]:
            out.write(json.dumps(entry, ensure_ascii=False) + "\n")


def entries(logs: Any, page: int = 10_000) -> Iterator[dict[str, Any]]:
    """Every entry of every log group of functions, through a boto3 client; `page` at a time."""
    groups = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/lambda/")
    for group in (item for part in groups for item in part["logGroups"]):
        name = group["logGroupName"]
        found = logs.get_paginator("filter_log_events").paginate(
            logGroupName=name, PaginationConfig={"PageSize": page}
        )
        for event in (event for part in found for event in part["events"]):
            yield {"group": name, "at": event["timestamp"], "message": event["message"]}


def _depths(system: System) -> Iterator[dict[str, Any]]:
    sqs, stack = system.engine.client("sqs"), system.deployment.stack
    name = "ApproximateNumberOfMessages"
    for url in sqs.list_queues(QueueNamePrefix=stack).get("QueueUrls", []):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
        queue = url.rsplit("/", 1)[1].removeprefix(f"{stack}-")
        yield {"queue": queue, "depth": int(found[name])}
