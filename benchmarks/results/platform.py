"""The protocol and the functions around the readers."""

import os
from collections.abc import Iterator

from benchmarks import requests_per_job
from benchmarks.cold_imports import BARS, functions_of, seconds
from benchmarks.results.row import Row, at_most
from tests.protocol.harness.schedule import random_schedule
from tests.protocol.harness.world import World

SMOKE_SCHEDULES, FULL_SCHEDULES, JOBS, FIRST_SEED = 10, 200, 50, 900_000


def rows(full: bool) -> Iterator[Row]:
    """Count requests, play evenings of faults, time imports."""
    os.environ.update(AWS_ACCESS_KEY_ID="counted", AWS_SECRET_ACCESS_KEY="counted")
    yield from _requests()
    yield from _promises(FULL_SCHEDULES if full else SMOKE_SCHEDULES)
    yield from _imports()


def _requests() -> Iterator[Row]:
    jobs = requests_per_job.JOBS
    requests, units = requests_per_job.count(jobs)
    command = "python -m benchmarks.requests_per_job"
    yield at_most(
        "AWS requests a job",
        sum(requests.values()) / jobs,
        requests_per_job.BAR_REQUESTS,
        shown=".1f",
        peer=f"{requests_per_job.BASELINE_REQUESTS} at the very least",
    )
    yield at_most(
        "DynamoDB write units a job", units / jobs, requests_per_job.BAR_UNITS, command=command
    )


def _promises(schedules: int) -> Iterator[Row]:
    broken = sum(
        len(World(random_schedule(FIRST_SEED + seed, JOBS)).play()) for seed in range(schedules)
    )
    yield at_most(
        "broken promises under random faults",
        broken,
        0,
        shown="d",
        peer=f"{schedules * JOBS:,} jobs on {schedules} schedules",
        command="make soak",
    )


def _imports() -> Iterator[Row]:
    start = seconds("sys")
    boto3 = seconds("boto3") - start
    for kind, names in functions_of().items():
        slowest = max(seconds(f"functions.{name}.app") - start for name in names)
        yield at_most(
            f"cold import, slowest of {len(names)} {kind} functions, CPU s",
            slowest,
            BARS[kind],
            shown=".2f",
            peer=f"{slowest / boto3:.1f} times boto3",
            command="python -m benchmarks.cold_imports",
        )
