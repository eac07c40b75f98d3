"""Load: thousands of jobs over all tiers with duplicates and failures mixed in.

    .venv/bin/python -m benchmarks.load [--jobs 2000] [--seed 1]

The whole stack runs on the embedded engine with `benchmarks/handlers/mixed.py` as the text reader
and the real grader for answer sheets. Exits 1 if a job is lost, ends twice, ends otherwise than it
must, or is not told to the API; or if a function's memory grows by 5 % over the second half.
"""

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from rich.console import Console
from rich.table import Table

from academy_worker.embedded import samples
from academy_worker.embedded.system import System, running_system
from academy_worker.embedded.watch import Watch
from benchmarks.load.jobs import LoadJob, draw, messages
from benchmarks.load.memory import Growth, HandlerMemory
from benchmarks.platform_throughput import replace_code
from jobs.row import JobRow, Notify

TIMEOUT = 1800.0
READER_TIMEOUT = 10
"""s the mixed reader may run: a killed attempt's lease is this plus ten seconds."""

VISIBILITY = 25
"""s a work message stays hidden, so that a night of retries fits in minutes."""

OUTAGE = (503, 40)
"""Answer of the API and number of posts it lasts, in the middle of the run."""

DRAIN = 60.0
"""s the queues get to run empty after the last job was told."""

MOST_GROWTH = 0.05
SETTLED = 0.97
"""Share of jobs told at which the window of the memory check ends: then only retries are left."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What is to be seen after a run; bodies by job id."""

    rows: dict[str, JobRow]
    taken: dict[str, list[dict[str, Any]]]
    refused: int
    repeated: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Epoch seconds at which sending began, half was told, nearly all, and everything."""

    began: float
    half: float
    settled: float
    ended: float


def prepare(system: System) -> None:
    """Put the mixed reader in place and let its messages come back soon."""
    replace_code(system, "ocr", "mixed")
    stack, sqs = system.deployment.stack, system.engine.client("sqs")
    system.engine.client("lambda").update_function_configuration(
        FunctionName=f"{stack}-ocr", Timeout=READER_TIMEOUT
    )
    for tier in ("lite", "basic", "premium"):
        url = sqs.get_queue_url(QueueName=f"{stack}-{tier}-ocr")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(VISIBILITY)})


def sheet_payload(system: System) -> dict[str, Any]:
    """The sample answer sheet's payload, its picture served."""
    [job] = [job for job in samples.all_jobs() if job.job_type == "omr_grading" and not job.code]
    picture = system.serve(job.payload["download_url"])
    return {**job.payload, "download_url": picture}


def play(system: System, jobs: list[LoadJob], seed: int) -> Timeline:
    """Send everything and wait until each job was told to the API."""
    began = time.time()
    by_tier: dict[str, list[str]] = {}
    for tier, body in messages(jobs, seed):
        by_tier.setdefault(tier, []).append(body)
    for tier, bodies in by_tier.items():
        system.send(tier, *bodies)
    wanted, half, settled = {job.job_id for job in jobs}, 0.0, 0.0
    while time.time() < began + TIMEOUT:
        told = wanted & told_ids(system)
        now = time.time()
        if not half and len(told) >= len(wanted) / 2:
            half = now
            system.stand_in.out_of_order(*OUTAGE)
        if not settled and len(told) >= len(wanted) * SETTLED:
            settled = now
        if told == wanted:
            return Timeline(began, half, settled, now)
        time.sleep(1.0)
    return Timeline(began, half or time.time(), settled or time.time(), time.time())


def told_ids(system: System) -> set[str]:
    """Ids of the jobs whose outcome the API took."""
    return {post["body"]["job_id"] for post in system.stand_in.posts() if post["status"] == 200}


def look(system: System) -> Ended:
    """Read the table and what the API was told."""
    rows = {}
    read = TypeDeserializer().deserialize
    pages = system.engine.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=system.deployment.table, ConsistentRead=True):
        for item in page["Items"]:
            row = JobRow.from_item({name: read(value) for name, value in item.items()})
            rows[row.job_id] = row
    taken: dict[str, list[dict[str, Any]]] = {}
    refused = repeated = 0
    for post in system.stand_in.posts():
        if post["status"] != 200:
            refused += 1
            continue
        repeated += post["repeated"]
        taken.setdefault(post["body"]["job_id"], []).append(post["body"])
    return Ended(rows, taken, refused, repeated)


def drained(system: System) -> int:
    """Messages that still wait in any queue, dead letters included, after a little patience."""
    watch, deadline = Watch(system), time.time() + DRAIN
    while (left := watch.left_over()) and time.time() < deadline:
        time.sleep(1.0)
    return left


def problems(jobs: list[LoadJob], ended: Ended) -> dict[str, list[str]]:
    """Jobs by what went wrong with them; no list is left out."""
    found: dict[str, list[str]] = {"lost": [], "ended twice": [], "not told": [], "wrong end": []}
    for job in jobs:
        row, bodies = ended.rows.get(job.job_id), ended.taken.get(job.job_id, [])
        if row is None or not row.terminal:
            found["lost"].append(job.job_id)
            continue
        if any(body != bodies[0] for body in bodies):
            found["ended twice"].append(job.job_id)
        if not bodies or row.notify is not Notify.SENT:
            found["not told"].append(job.job_id)
        elif (row.error_code, bodies[0]["error_code"]) != (job.code, job.code):
            found["wrong end"].append(f"{job.job_id} ({job.kind}): {row.error_code}")
    strangers = set(ended.rows) - {job.job_id for job in jobs}
    found["rows nobody sent"] = sorted(strangers)
    found["posts refused"] = ["…"] * ended.refused
    return found


def show(
    jobs: list[LoadJob], seed: int, timeline: Timeline, ended: Ended, found: dict[str, list[str]]
) -> None:
    """Print the tables."""
    console = Console(width=100)
    sent = sum(1 for _ in messages(jobs, seed))
    wall = timeline.ended - timeline.began
    console.print(
        f"{len(jobs)} jobs, {sent} messages, told in {wall:.0f} s ({len(jobs) / wall:.1f} jobs/s); "
        f"{ended.repeated} posts repeated"
    )
    kinds = Table("kind", "jobs", "done", "failed", "attempts", title="what was sent")
    rows = Counter[tuple[str, str]]()
    for job in jobs:
        row = ended.rows.get(job.job_id)
        rows[job.kind, "jobs"] += 1
        rows[job.kind, str(row.status) if row else "none"] += 1
        rows[job.kind, "attempts"] += row.attempt if row else 0
    for kind in sorted({job.kind for job in jobs}):
        columns = ("jobs", "done", "failed", "attempts")
        kinds.add_row(kind, *(str(rows[kind, column]) for column in columns))
    console.print(kinds)
    broken = Table("promise", "jobs", title="what went wrong")
    for name, ids in found.items():
        broken.add_row(name, f"{len(ids)} {', '.join(ids[:5])}")
    console.print(broken)


def show_memory(growths: list[Growth]) -> None:
    """Print how the handlers' memory went over the second half."""
    table = Table("function", "processes", "MiB before", "MiB after", "growth", title="second half")
    for one in growths:
        size = (f"{one.before:.1f}", f"{one.after:.1f}", f"{one.share:+.2%}")
        table.add_row(one.function, str(one.processes), *size)
    Console(width=100).print(table)


def main() -> None:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with running_system() as system:
        prepare(system)
        jobs = draw(asked.jobs, asked.seed, sheet_payload(system))
        with HandlerMemory(system.engine.pid) as memory:
            timeline = play(system, jobs, asked.seed)
        ended, left = look(system), drained(system)
    found = problems(jobs, ended) | {"messages left in queues": ["…"] * left}
    growths = memory.growth(timeline.half, timeline.settled)
    show(jobs, asked.seed, timeline, ended, found)
    show_memory(growths)
    grown = [one.function for one in growths if one.share >= MOST_GROWTH]
    sys.exit(int(bool(grown) or not growths or any(found.values())))


if __name__ == "__main__":
    main()
