"""Dead letters that come late, of a repetition, or of another life of their job."""

import json

import pytest

from jobs.contract.message import Tier
from jobs.row import Status
from jobs.telemetry import Metric
from tests.protocol.harness.scene import (
    FINE,
    HOUR,
    MINUTE,
    all_done,
    counted,
    dead_letter,
    later,
    loses,
    played,
    row,
    stands_still,
    told,
    took,
)
from tests.protocol.harness.schedule import Behaviour, JobPlan, Kind, Schedule
from tests.protocol.harness.world import World, body_of

WORK, INGRESS = "premium-ocr", "premium-ingress"


def test_a_letter_of_an_earlier_generation_does_not_end_a_redriven_job() -> None:
    """The operator mended the fault and redrove; a copy of the first life dies only now."""

    def before(world: World) -> None:
        stands_still(world, WORK, 3900.0, 4200.0)
        dead_letter(world, "work-dlq", '{"job_id":"job-0","generation":1}', WORK, at=4100.0)

    world = played(JobPlan(behaviour=Behaviour.PERMANENT, redriven_after=4000.0), before=before)
    assert (row(world).generation, row(world).error_code) == (2, "image_unreadable")
    assert told(world, generation=2) == 1


def test_an_ingress_letter_of_a_repeated_message_does_not_end_the_job() -> None:
    def before(world: World) -> None:
        stands_still(world, WORK, 0.0, 500.0)
        dead_letter(world, "ingress-dlq", body_of("job-0", FINE), INGRESS, at=100.0)

    world = played(FINE, before=before)
    assert all_done(world)
    assert world.history.executions == {"job-0": 1}


def test_an_ingress_letter_with_another_body_is_set_aside() -> None:
    def before(world: World) -> None:
        stands_still(world, WORK, 0.0, 500.0)
        dead_letter(world, "ingress-dlq", body_of("job-0", FINE, "x"), INGRESS, at=100.0)

    world = played(FINE, before=before)
    assert all_done(world)
    assert counted(world, Metric.CONFLICT) == 1


def test_an_ingress_letter_that_looks_like_an_ended_flow_ends_no_job() -> None:
    detail = {"input": {"job_id": "job-0"}, "executionArn": "r2"}
    forged = json.dumps({"job_id": "job-0", "detail": detail})

    def before(world: World) -> None:
        stands_still(world, WORK, 0.0, 500.0)
        dead_letter(world, "ingress-dlq", forged, INGRESS, at=100.0)

    assert all_done(played(FINE, before=before))


def test_a_job_whose_forward_was_given_up_is_sent_again_by_the_next_sweep() -> None:
    """`admit` wrote the row ten times over and could never send: the queue was out of order."""

    def before(world: World) -> None:
        loses(world, WORK, 1.0)
        dead_letter(world, "ingress-dlq", body_of("job-0", FINE), INGRESS, at=100.0)
        stands_still(world, WORK, 0.0, 2.0)

    world = played(FINE, before=before)
    assert all_done(world)
    assert took(world) < 10 * MINUTE


def test_an_unreadable_message_that_comes_twice_is_a_repetition_and_no_conflict() -> None:
    def before(world: World) -> None:
        world.plans["job-9"] = JobPlan(kind=Kind.BAD_PAYLOAD)
        for body, at in (({"payload": 7}, 1.0), ({"payload": 7}, 2.0), ({"payload": 8}, 3.0)):
            text = json.dumps({"job_id": "job-9"} | body)
            later(world, at, lambda text=text: world._send_reliably(INGRESS, text))

    world = played(FINE, before=before)
    assert row(world, "job-9").error_code == "message_invalid"
    assert counted(world, Metric.DUPLICATE) == 1
    assert counted(world, Metric.CONFLICT) == 1


def test_a_row_the_sweeper_cannot_read_does_not_keep_the_others_from_it() -> None:
    """After a rollback: a row of the later release lies at the head of what is due."""
    jobs = [FINE] * 30

    def before(world: World) -> None:
        stands_still(world, WORK, 0.0, 3.0)
        loses(world, WORK, 2.0)
        read = world.store.get

        def get(job_id: str) -> object:
            if job_id == "job-0":
                raise ValueError("a status of a later release")
            return read(job_id)

        world.store.get = get

    world = World(Schedule(tuple(jobs), disturbed=True))
    before(world)
    world.play()
    done = {one.job_id for one in world.table.rows() if one.status is Status.DONE}
    assert done == {f"job-{index}" for index in range(1, 30)}
    assert max(took(world, job_id) for job_id in done) < HOUR


@pytest.mark.parametrize(
    ("tier", "at_most"),
    [(Tier.PREMIUM, 0.5 * HOUR), (Tier.BASIC, 1.5 * HOUR), (Tier.LITE, 3 * HOUR)],
)
def test_a_lost_notification_is_sent_again_an_eighth_of_the_tiers_time_after_admission(
    tier: Tier, at_most: float
) -> None:
    def before(world: World) -> None:
        stands_still(world, "notify", 0.0, MINUTE)
        loses(world, "notify", MINUTE - 1)

    world = played(JobPlan(tier=tier), before=before)
    assert all_done(world)
    assert (row(world).notified_at or 0.0) - row(world).admitted_at < at_most + 6 * MINUTE
