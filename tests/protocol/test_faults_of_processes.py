"""Processes that die, run out of time or memory, stall, or live by a wrong clock."""

import json

import pytest

from faults import Code
from jobs.contract.ocr import OcrResult
from jobs.redrive import redrive
from jobs.row import Notify, Status
from jobs.telemetry import Metric
from tests.protocol.harness.scene import (
    FINE,
    HOUR,
    MINUTE,
    all_done,
    counted,
    fails,
    later,
    played,
    row,
    told,
    took,
)
from tests.protocol.harness.schedule import Behaviour, Faults, JobPlan
from tests.protocol.harness.simulation import Crash
from tests.protocol.harness.world import World

LARGE = JobPlan(behaviour=Behaviour.LARGE)
LEASE_AND_RECEIVE = 70.0 + 360.0
"""s until a job whose holder died has ended at the latest: visibility, lease and a little work."""

CRASHES = {
    "in admit, before the row": ("put_item:before:1", FINE, 1, 1),
    "in admit, between the row and the send": ("put_item:after:1", FINE, 1, 1),
    "in admit, after the send": ("send:after:1", FINE, 1, 1),
    "before the claim": ("update_item:before:1", FINE, 1, 1),
    "after the claim, before the work": ("update_item:after:1", FINE, 2, 1),
    "before the result is put": ("put_object:before:1", LARGE, 2, 2),
    "after the result is put, before the row says so": ("put_object:after:1", LARGE, 2, 2),
    "before the row says so": ("update_item:before:2", FINE, 2, 2),
    "after the row says so, before the acknowledgement": ("update_item:after:2", FINE, 1, 1),
}
"""place -> seam, job, attempts claimed, times the job's code ran."""


@pytest.mark.parametrize("place", CRASHES)
def test_a_crash_at_any_place_costs_a_delay_only(place: str) -> None:
    seam, plan, attempts, runs = CRASHES[place]
    world = played(plan, crash_points=(seam,))
    assert all_done(world)
    assert row(world).attempt == attempts
    assert world.history.executions == {"job-0": runs}
    assert told(world) == 1


def test_a_crash_between_the_post_and_its_mark_repeats_the_same_story() -> None:
    world = played(FINE, crash_points=("update_item:before:3",))
    assert all_done(world)
    bodies = world.api.accepted["job-0:1"]
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


def test_a_crash_in_mid_run_hands_the_job_to_the_next_attempt() -> None:
    world = played(JobPlan(behaviour=Behaviour.CRASHES_ONCE))
    assert all_done(world)
    assert row(world).attempt == 2
    assert took(world) < LEASE_AND_RECEIVE


class KilledForMemory(World):
    """The first attempt is killed as it works; nothing in it gets to run any more."""

    def _read(self, job_id: str, attempt: int) -> OcrResult:
        if attempt == 1:
            self.simulation.pause(20.0)
            raise Crash
        return super()._read(job_id, attempt)


def test_a_memory_kill_hands_the_job_to_the_next_attempt() -> None:
    world = played(FINE, world_class=KilledForMemory)
    assert all_done(world)
    assert row(world).attempt == 2


def test_a_timeout_hands_the_job_to_the_next_attempt() -> None:
    world = played(JobPlan(behaviour=Behaviour.STALLS))
    assert all_done(world)
    assert row(world).attempt == 2
    assert 360.0 <= took(world) < LEASE_AND_RECEIVE


class StallsOnce(World):
    """The first attempt sleeps far past its lease and past the next delivery, then writes."""

    def _read(self, job_id: str, attempt: int) -> OcrResult:
        self.plans[job_id] = FINE  # nothing else goes wrong
        if attempt == 1:
            self.simulation.pause(900.0)
        return super()._read(job_id, attempt)


def test_a_worker_that_stalls_past_its_lease_can_no_longer_write() -> None:
    outlives_its_timeout = JobPlan(behaviour=Behaviour.ZOMBIE)
    world = played(outlives_its_timeout, world_class=StallsOnce)
    assert all_done(world)
    assert world.history.executions["job-0"] == 2
    assert counted(world, Metric.LEASE_LOST) == 1
    assert "attempt 2" in (row(world).result or "")
    assert took(world) < 900.0


def test_transient_twice_then_success_is_done_at_the_third_try() -> None:
    world = played(JobPlan(behaviour=Behaviour.TRANSIENT_TWICE))
    assert all_done(world)
    assert row(world).attempt == 3
    assert counted(world, Metric.RETRIED) == 2
    assert took(world) < MINUTE


def test_a_transient_error_that_stays_fails_after_the_last_try() -> None:
    world = played(JobPlan(behaviour=Behaviour.ALWAYS_TRANSIENT))
    ended = row(world)
    assert (ended.status, ended.error_code) == (Status.FAILED, Code.RETRIES_EXHAUSTED)
    assert ended.attempt == 5
    assert "download_timeout" in (ended.error_message or "")
    assert told(world) == 1


def test_a_permanent_error_ends_the_job_at_once() -> None:
    world = played(JobPlan(behaviour=Behaviour.PERMANENT))
    assert row(world).error_code == Code.IMAGE_UNREADABLE
    assert row(world).attempt == 1
    assert told(world) == 1
    assert took(world) < 10.0


def test_a_poison_message_that_always_crashes_ends_failed_and_holds_up_nobody() -> None:
    world = played(JobPlan(behaviour=Behaviour.POISON), *[FINE] * 5)
    poison = row(world)
    assert (poison.status, poison.error_code) == (Status.FAILED, Code.RETRIES_EXHAUSTED)
    assert world.history.executions["job-0"] == 5
    assert told(world) == 1
    assert took(world) < HOUR
    neighbours = [f"job-{index}" for index in range(1, 6)]
    assert all_done(world, neighbours)
    assert max(took(world, job_id) for job_id in neighbours) < MINUTE


class Buggy(World):
    """The job's code raises what it should not, for the first attempts of a job."""

    def _read(self, job_id: str, attempt: int) -> OcrResult:
        if attempt <= 3:
            raise ZeroDivisionError
        return super()._read(job_id, attempt)


def test_an_error_nobody_foresaw_is_tried_again_and_rings_an_alarm() -> None:
    """Lambda's own count of errors does not see it: the batch is answered in part."""
    world = played(FINE, world_class=Buggy)
    assert all_done(world)
    assert counted(world, Metric.CRASHED) == 3


def test_a_delivery_that_fails_rings_an_alarm_and_a_coded_failure_does_not() -> None:
    assert counted(played(FINE, before=lambda w: fails(w, "get_item", MINUTE)), Metric.CRASHED) >= 1
    assert counted(played(JobPlan(behaviour=Behaviour.TRANSIENT_TWICE)), Metric.CRASHED) == 0


class Malformed(World):
    """The job's code returns what its contract does not allow."""

    def _read(self, job_id: str, attempt: int) -> OcrResult:
        self.history.executions[job_id] = self.history.executions.get(job_id, 0) + 1
        return OcrResult.model_validate({"text": None})


class Nothing(World):
    """The job's code returns no result at all."""

    def _read(self, job_id: str, attempt: int) -> OcrResult:
        self.history.executions[job_id] = self.history.executions.get(job_id, 0) + 1
        return None  # type: ignore[return-value]


@pytest.mark.parametrize("world_class", [Malformed, Nothing])
def test_a_malformed_result_fails_the_job_and_is_never_an_empty_success(
    world_class: type[World],
) -> None:
    world = world_class(played(FINE).schedule)
    world.play()
    ended = row(world)
    assert (ended.status, ended.error_code) == (Status.FAILED, Code.RESULT_INVALID)
    assert ended.result is None
    assert world.history.executions == {"job-0": 1}
    assert [body.status for body in world.api.accepted["job-0:1"]] == ["failed"]


@pytest.mark.parametrize("seed", range(4))
def test_clocks_a_minute_off_break_no_promise(seed: int) -> None:
    plans = [
        JobPlan(behaviour=behaviour, duration=30.0)
        for behaviour in (Behaviour.FINE, Behaviour.CRASHES_ONCE, Behaviour.STALLS)
    ] * 4
    world = played(*plans, faults=Faults(skew=60.0, duplicate=0.5), seed=seed)
    assert all_done(world, [f"job-{index}" for index in range(len(plans))])
    assert {one.notify for one in world.table.rows()} == {Notify.SENT}


def _flow_ended(world: World, generation: int, owner: str) -> None:
    """EventBridge tells `finalize` of an execution that was aborted or ran out of time."""
    given = json.dumps({"job_id": "job-0", "generation": generation})
    detail = {"executionArn": owner, "status": "ABORTED", "input": given}
    world._send_reliably("work-dlq", json.dumps({"detail-type": "x", "detail": detail}))


def test_an_ended_flow_fails_its_job_once_and_no_newer_generation() -> None:
    def before(world: World) -> None:
        world.sqs.queues["premium-ocr"].handler = None  # a flow holds the job instead
        later(world, 5.0, lambda: world.store.claim("job-0", "flow-1", 4 * HOUR))
        for at in (60.0, 61.0, 3 * HOUR):
            later(world, at, lambda: _flow_ended(world, 1, "flow-1"))
        later(world, HOUR, lambda: redrive(world.store, world.queues, "job-0"))

    world = played(FINE, before=before)
    assert told(world, generation=1) == 1
    assert world.api.accepted["job-0:1"][0].error_code == Code.FLOW_FAILED
    assert row(world).generation == 2
    assert row(world).error_code == Code.DEADLINE
    assert told(world, generation=2) == 1
