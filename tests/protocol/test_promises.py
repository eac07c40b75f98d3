"""Every admitted job ends exactly once, and the API hears one story of it."""

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.protocol.harness.schedule import JobPlan, Schedule, random_schedule, schedules
from tests.protocol.harness.world import World, moto_table

JOBS_PER_SCHEDULE = 24
SCHEDULES = int(os.environ.get("PROTOCOL_SCHEDULES", "420"))
"""Schedules a run, over 5,000 jobs; one has half of `JOBS_PER_SCHEDULE` on average."""

_SETTINGS = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    "phases": [Phase.generate, Phase.shrink],
}


def test_a_job_is_read_recorded_and_told() -> None:
    world = World(Schedule((JobPlan(),)), table=moto_table())
    assert world.play() == []
    row = world.table.row("job-0")
    assert row.status == "done"
    assert row.notify == "sent"
    assert row.attempt == 1


@settings(max_examples=SCHEDULES, **_SETTINGS)
@given(schedule=schedules(JOBS_PER_SCHEDULE))
def test_no_promise_is_broken_whatever_goes_wrong(schedule: Schedule) -> None:
    assert World(schedule).play() == []


@pytest.mark.parametrize("seed", range(3))
def test_no_promise_is_broken_on_moto(seed: int) -> None:
    schedule = replace(random_schedule(seed, jobs=8), outages=())
    assert World(schedule, table=moto_table()).play() == []
