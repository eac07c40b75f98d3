"""Messages that come twice, at once, never, changed, in bad company, or in a flood."""

from typing import Any

import pytest

from jobs.contract.message import Tier
from jobs.row import Status
from jobs.telemetry import Metric
from tests.protocol.harness.scene import (
    DAY,
    FINE,
    HOUR,
    MINUTE,
    all_done,
    counted,
    later,
    loses,
    played,
    row,
    told,
    took,
)
from tests.protocol.harness.schedule import Behaviour, Faults, JobPlan, Kind, Schedule
from tests.protocol.harness.world import World

WORK, NOTIFY = "premium-ocr", "notify"


def test_a_duplicate_message_is_worked_on_once() -> None:
    world = played(JobPlan(sent_twice=True))
    assert all_done(world)
    assert world.history.executions == {"job-0": 1}
    assert counted(world, Metric.DUPLICATE) >= 1


def test_a_concurrent_delivery_waits_and_is_then_acknowledged() -> None:
    world = played(JobPlan(duration=30.0), faults=Faults(duplicate=1.0))
    assert all_done(world)
    assert world.history.executions == {"job-0": 1}
    assert row(world).attempt == 1


def test_the_same_id_with_another_body_is_set_aside_and_changes_nothing() -> None:
    plain, disturbed = played(FINE), played(JobPlan(other_body_after=1.0))
    assert all_done(disturbed)
    assert row(disturbed).result == row(plain).result
    assert row(disturbed).body_hash == row(plain).body_hash
    assert counted(disturbed, Metric.CONFLICT) == 1


def _hold(world: World, queue: str, until: float) -> list[int]:
    """Let a queue fill up; returns the sizes of the batches it hands out from `until` on."""
    held = world.sqs.queues[queue]
    handler, sizes = held.handler, []

    def handle(event: dict[str, Any], context: Any) -> Any:
        sizes.append(len(event["Records"]))
        return handler(event, context)

    held.handler, concurrency, held.concurrency = handle, held.concurrency, 0

    def release() -> None:
        held.concurrency = concurrency
        world.sqs.change_message_visibility(queue, next(iter(held.messages)), 0)

    later(world, until, release)
    return sizes


def test_nine_of_a_batch_of_ten_are_admitted_when_one_cannot_be_read() -> None:
    jobs = [FINE] * 4 + [JobPlan(kind=Kind.NOT_JSON)] + [FINE] * 5
    sizes: list[int] = []
    world = played(*jobs, before=lambda world: sizes.append(_hold(world, "premium-ingress", 5.0)))
    assert sizes == [[10]]
    good = [f"job-{index}" for index in range(10) if index != 4]
    assert all_done(world, good)
    assert len(world.table.rows()) == 9
    assert counted(world, Metric.QUARANTINED) == 1


def test_only_the_one_of_a_batch_of_ten_that_failed_comes_back() -> None:
    sizes: list[list[int]] = []

    def before(world: World) -> None:
        sizes.append(_hold(world, "premium-ingress", 5.0))

        def refuse(call: str, request: dict[str, Any]) -> str | None:
            early = world.simulation.now < world.started + MINUTE
            mine = request.get("Item", {}).get("job_id") == "job-4"
            return "InternalServerError" if early and mine else None

        world.table.refuse = refuse

    world = played(*[FINE] * 10, before=before)
    assert sizes == [[10, 1]]
    assert all_done(world, [f"job-{index}" for index in range(10)])
    assert set(world.history.executions.values()) == {1}


def test_a_work_message_lost_by_a_purge_is_sent_again_by_the_sweeper() -> None:
    world = played(
        JobPlan(duration=30.0), *[JobPlan(duration=30.0)] * 3, before=lambda w: loses(w, WORK, 5.0)
    )
    assert all_done(world, [f"job-{index}" for index in range(4)])
    assert counted(world, Metric.RESCUED) >= 2
    assert max(took(world, f"job-{index}") for index in range(4)) < 45 * MINUTE


def test_a_job_whose_message_is_lost_again_and_again_fails_at_its_deadline() -> None:
    def before(world: World) -> None:
        world.sqs.queues[WORK].handler = None
        for hours in range(5):
            loses(world, WORK, hours * HOUR + 1)

    world = played(FINE, before=before)
    assert (row(world).status, row(world).error_code) == (Status.FAILED, "deadline")
    assert 4 * HOUR <= took(world) < 4 * HOUR + 10 * MINUTE
    assert told(world) == 1


def test_a_notification_lost_by_a_purge_is_sent_again_by_the_sweeper() -> None:
    def before(world: World) -> None:
        notify = world.sqs.queues[NOTIFY]
        handler, notify.handler = notify.handler, None
        loses(world, NOTIFY, MINUTE)
        later(world, MINUTE, lambda: setattr(notify, "handler", handler))

    world = played(FINE, before=before)
    assert all_done(world)
    assert told(world) == 1
    assert counted(world, Metric.RESCUED) == 1


def test_a_dead_letter_kept_too_long_does_not_leave_its_job_open() -> None:
    """The poison message reaches the dead letters, and retention takes it before `finalize`."""

    def before(world: World) -> None:
        world.sqs.queues["work-dlq"].handler = None
        loses(world, "work-dlq", 3 * HOUR)

    world = played(JobPlan(behaviour=Behaviour.POISON), before=before)
    assert row(world).error_code in {"deadline", "retries_exhausted"}
    assert told(world) == 1


def test_a_replayed_stream_tells_the_api_one_story() -> None:
    world = played(*[FINE] * 5, faults=Faults(replay=1.0))
    assert all_done(world, [f"job-{index}" for index in range(5)])
    assert all(told(world, f"job-{index}") == 1 for index in range(5))


def test_a_stream_replayed_a_day_later_is_not_told_again() -> None:
    world = World(Schedule((FINE,)))
    forward, seen = world._forward, []

    def keep(event: dict[str, Any], queues: Any) -> Any:
        seen.append(event)
        return forward(event, queues)

    world._forward = keep
    assert world.play() == []
    assert len(seen) == 1
    later(world, DAY, lambda: world.simulation.spawn(lambda: forward(seen[0], world.queues)))
    world.simulation.run(world.started + 2 * DAY)
    assert counted(world, Metric.NOTIFIED) == 1
    assert told(world) == 1


def test_a_dead_letter_of_a_job_at_work_waits_for_its_end() -> None:
    world = played(JobPlan(duration=30.0), early_letters=(10.0, 20.0))
    assert all_done(world)
    assert row(world).attempt == 1
    assert told(world) == 1


FLOOD = 400


def _waits(world: World, tier: Tier) -> list[float]:
    return [took(world, one.job_id) for one in world.table.rows() if one.tier is tier]


def test_a_premium_flood_does_not_lengthen_the_wait_of_lite_and_basic() -> None:
    others = [JobPlan(tier=tier, duration=5.0) for tier in (Tier.LITE, Tier.BASIC)] * 8
    alone = played(*others)
    flooded = played(*others, *[JobPlan(duration=5.0)] * FLOOD)
    for tier in (Tier.LITE, Tier.BASIC):
        assert max(_waits(flooded, tier)) == pytest.approx(max(_waits(alone, tier)), abs=1.0)
    assert len(_waits(flooded, Tier.PREMIUM)) == FLOOD
    assert max(_waits(flooded, Tier.PREMIUM)) > 10 * max(_waits(flooded, Tier.LITE))
