"""One fault on the whole system: play it, and ask how the jobs ended."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from jobs.row import JobRow, Notify, Status
from jobs.telemetry import Metric
from tests.protocol.harness.schedule import JobPlan, Schedule
from tests.protocol.harness.sim_queues import ARN, Message
from tests.protocol.harness.world import World

FINE = JobPlan()
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def played(
    *jobs: JobPlan,
    before: Callable[[World], None] = lambda world: None,
    world_class: type[World] = World,
    parts: dict[str, Any] | None = None,
    **schedule: Any,
) -> World:
    """Play jobs (ids `job-0`, …) under one fault; the four promises must have held.

    `before` may set up the world, `parts` go to its constructor, the rest into its `Schedule`.
    """
    world = world_class(Schedule(jobs or (FINE,), **schedule), **(parts or {}))
    before(world)
    assert world.play() == []
    return world


def row(world: World, job_id: str = "job-0") -> JobRow:
    """The row of a job at the end."""
    found = world.table.row(job_id)
    assert found is not None, f"{job_id} has no row"
    return found


def took(world: World, job_id: str = "job-0") -> float:
    """Seconds from admission to the job's end."""
    ended = row(world, job_id)
    assert ended.finished_at is not None
    return ended.finished_at - ended.admitted_at


def told(world: World, job_id: str = "job-0", generation: int = 1) -> int:
    """How often the API accepted the job's outcome."""
    return len(world.api.accepted.get(f"{job_id}:{generation}", []))


def counted(world: World, metric: Metric) -> int:
    """How often a metric was counted."""
    return world.telemetry.counts.get(metric, 0)


def all_done(world: World, job_ids: Iterable[str] = ("job-0",)) -> bool:
    """Whether jobs are done and the API has been told."""
    rows = [row(world, job_id) for job_id in job_ids]
    return all(one.status is Status.DONE and one.notify is Notify.SENT for one in rows)


def later(world: World, seconds: float, action: Callable[[], object]) -> None:
    """Let something happen to the services `seconds` after the start."""
    world.schedule = replace(world.schedule, disturbed=True)
    world.simulation.at(world.started + seconds, action)


def loses(world: World, queue: str, at: float) -> None:
    """Purge a queue at a time: what lies in it, hidden or not, is gone."""
    later(world, at, world.sqs.queues[queue].messages.clear)


def stands_still(world: World, queue: str, start: float, end: float) -> None:
    """Let nobody read a queue for a while, as under a backlog."""
    held = world.sqs.queues[queue]
    handler = held.handler

    def go_on() -> None:
        held.handler = handler
        for message_id in list(held.messages):
            world.sqs.change_message_visibility(queue, message_id, 0)

    later(world, start, lambda: setattr(held, "handler", None))
    later(world, end, go_on)


def dead_letter(world: World, queue: str, body: str, source: str, at: float) -> None:
    """Put a message that was given up on `source` on a dead-letter queue."""

    def put() -> None:
        now = world.simulation.now
        letter = Message(f"letter-{at}", body, now, now, source_arn=ARN + source)
        world.sqs.place(queue, letter)

    later(world, at, put)


def fails(
    world: World, call: str, until: float, code: str = "ProvisionedThroughputExceededException"
) -> None:
    """Let the table refuse every `call` for the first `until` seconds."""

    def refuse(made: str, request: dict[str, Any]) -> str | None:
        early = world.simulation.now < world.started + until
        return code if early and made == call else None

    world.schedule = replace(world.schedule, disturbed=True)
    world.table.refuse = refuse
