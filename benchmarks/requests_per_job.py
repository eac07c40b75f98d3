"""AWS requests and DynamoDB write units that one job costs, counted, not estimated.

    .venv/bin/python -m benchmarks.requests_per_job

The project's own code runs on the protocol harness; every call it makes is counted, and so are
the receives and deletes of its event source mappings (once a batch). Write units follow
DynamoDB's rules: 1 per started KB of the larger image, on the table and on each changed entry of
the index. The baseline is the least any design needs to take a job off one queue, store it and
tell the API: receive, put, delete, at 3 requests and 1 unit.
"""

import json
import math
import os
from collections import Counter
from typing import Any

from jobs.contract.message import Tier
from tests.protocol.harness.schedule import JobPlan, Schedule
from tests.protocol.harness.world import World

JOBS = 200
BASELINE_REQUESTS = 3
BAR_REQUESTS, BAR_UNITS = 12, 6


def item_bytes(item: dict[str, Any]) -> int:
    """Size of an item as DynamoDB counts it: names and values in UTF-8, numbers about half."""
    return sum(
        len(name.encode()) + (len(value.encode()) if isinstance(value, str) else 8)
        for name, value in item.items()
    )


def write_units(old: dict[str, Any] | None, new: dict[str, Any]) -> int:
    """Units of one write, the index included."""
    largest = max(item_bytes(new), item_bytes(old or {}))
    entry = ("open_shard", "check_at")
    before = [old.get(name) for name in entry] if old else [None, None]
    after = [new.get(name) for name in entry]
    touched = (before != after) * ((before[0] is not None) + (after[0] is not None))
    return math.ceil(largest / 1024) + touched


def count(jobs: int) -> tuple[Counter[str], int]:
    """Play `jobs` fault-free jobs arriving together; requests by name, and write units."""
    world = World(Schedule(tuple(JobPlan(tier=Tier.PREMIUM) for _ in range(jobs))))
    requests: Counter[str] = Counter()
    units = 0
    table, sqs = world.table, world.sqs

    def counted(name: str, call: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            requests[name] += 1
            return call(*args, **kwargs)

        return wrapper

    for name in ("get_item", "put_item", "update_item", "query"):
        setattr(table, name, counted(name, getattr(table, name)))
    for name in ("send_message_batch", "change_message_visibility", "get_queue_url"):
        setattr(sqs, name, counted(name, getattr(sqs, name)))
    sqs.send_message = counted("send_message", sqs.send_message)
    on_write, invoke = table.on_write, sqs._invoke

    def weigh(old: dict[str, Any] | None, new: dict[str, Any]) -> None:
        nonlocal units
        units += write_units(old, new)
        on_write(old, new)

    def receive_and_delete(queue: Any, batch: Any) -> None:
        requests["receive (mapping)"] += 1
        requests["delete (mapping)"] += 1
        invoke(queue, batch)

    table.on_write, sqs._invoke = weigh, receive_and_delete
    broken = world.play()
    assert not broken, broken
    requests["send_message"] -= jobs  # the producer's own
    requests["send_message"] -= requests["send_message_batch"]  # the harness sends one by one
    return requests, units


def main() -> None:
    """Print requests and units per job; exits 1 above the bar."""
    os.environ.update(AWS_ACCESS_KEY_ID="counted", AWS_SECRET_ACCESS_KEY="counted")
    requests, units = count(JOBS)
    per_job = sum(requests.values()) / JOBS
    print(json.dumps({name: round(n / JOBS, 2) for name, n in sorted(requests.items())}, indent=1))
    ratio = per_job / BASELINE_REQUESTS
    print(f"requests per job   {per_job:.2f}  (bar {BAR_REQUESTS}, {ratio:.1f}x the least)")
    print(f"write units per job {units / JOBS:.2f}  (bar {BAR_UNITS})")
    raise SystemExit(per_job > BAR_REQUESTS or units / JOBS > BAR_UNITS)


if __name__ == "__main__":
    main()
