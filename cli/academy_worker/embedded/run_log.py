"""A stack's log: what every function wrote, and how many messages each queue is left with."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from academy_worker.embedded.project import OUT
from academy_worker.embedded.system import System

RUN_LOG = OUT / "logs.jsonl"
"""The last run's, one JSON object a line, as `academy_worker.dashboard.log_lines` reads it."""


def save_run_log(system: System, path: Path = RUN_LOG) -> None:
    """Write the log of a running system: the engine's of each call, the handlers' own lines."""
    engine = system.engine
    save_log(engine.client("logs"), engine.client("sqs"), system.deployment.stack, path)
    with path.open("a", encoding="utf-8") as out:
        for written in sorted(engine.handler_logs.glob("*.log")):
            group = f"/aws/lambda/{written.stem}"
            for line in written.read_text(encoding="utf-8", errors="replace").splitlines():
                out.write(json.dumps({"group": group, "message": line}, ensure_ascii=False) + "\n")


def save_log(logs: Any, sqs: Any, stack: str, path: Path, since: float = 0.0) -> None:
    """Write the log of a stack from `since` (epoch seconds) on, through two boto3 clients."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        for entry in (*entries(logs, stack, since), *depths(sqs, stack)):
            out.write(json.dumps(entry, ensure_ascii=False) + "\n")


def entries(
    logs: Any, stack: str, since: float = 0.0, page: int = 10_000
) -> Iterator[dict[str, Any]]:
    """Every entry of every log group of the stack's functions; `page` at a time."""
    prefix = f"/aws/lambda/{stack}-"
    groups = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    for group in (item for part in groups for item in part["logGroups"]):
        name = group["logGroupName"]
        found = logs.get_paginator("filter_log_events").paginate(
            logGroupName=name, startTime=int(1000 * since), PaginationConfig={"PageSize": page}
        )
        for event in (event for part in found for event in part["events"]):
            yield {"group": name, "at": event["timestamp"], "message": event["message"]}


def depths(sqs: Any, stack: str) -> Iterator[dict[str, Any]]:
    """How many messages wait in each queue of the stack."""
    name = "ApproximateNumberOfMessages"
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=f"{stack}-")
    for url in (url for part in pages for url in part.get("QueueUrls", [])):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
        queue = url.rsplit("/", 1)[1].removeprefix(f"{stack}-")
        yield {"queue": queue, "depth": int(found[name])}
