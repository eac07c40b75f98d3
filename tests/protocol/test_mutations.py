"""The harness sees: each of these planted bugs breaks a promise in some schedule."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from faults import Unavailable, WorkerError
from jobs.admission import Admission
from jobs.api import Answer, Verdict
from jobs.consumer import Consumer
from jobs.delivery import Delivery
from jobs.finalizer import Finalizer
from jobs.notifier import Notifier
from jobs.outcome import Done, Failed, Outcome, StoredResult
from jobs.queues import pointer
from jobs.row import JobRow, Notify, Status
from jobs.store import Admitted, AlreadyThere, Claimed, JobStore, Refused
from jobs.sweeper import Sweeper
from tests.protocol.harness.schedule import (
    ApiTrouble,
    Behaviour,
    Faults,
    JobPlan,
    Outage,
    Schedule,
    random_schedule,
)
from tests.protocol.harness.world import World

SEEDS = range(120)
JOBS = 10


class AnyAttemptMayWrite(JobStore):
    """Without the attempt condition: a worker that lost its lease writes all the same."""

    def _as_holder(self, job_id: str, attempt: int, *args: Any, **kwargs: Any) -> None:
        row = self.get(job_id)
        super()._as_holder(job_id, row.attempt if row else attempt, *args, **kwargs)


class EndingsMayChange(JobStore):
    """Without the status condition: whoever comes last writes the ending."""

    def _update(self, job_id: str, expression: str, condition: str, *args: Any, **kw: Any) -> Any:
        if ":x_status" in expression:
            condition = "attribute_exists(job_id)"
        return super()._update(job_id, expression, condition, *args, **kw)


class LeasesDoNotHold(JobStore):
    """Without the lease check a claim takes what another attempt works on; it even ends twice."""

    def claim(self, job_id: str, owner: str, lease: float) -> Claimed | Refused:
        return super().claim(job_id, owner, -1.0)

    def finish(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        row = self.get(job_id)
        if row is not None and row.attempt != attempt:
            return
        super().finish(job_id, attempt, outcome)


class AdmitOverwrites(JobStore):
    """Without `attribute_not_exists`: a second message starts the job anew."""

    def admit(self, row: JobRow) -> Admitted | AlreadyThere:
        self._table._table._items.pop(row.job_id, None)
        return super().admit(row)


class NotifiedWithoutGeneration(JobStore):
    """A late mark of an earlier generation covers a newer one."""

    def mark_notified(self, job_id: str, generation: int, how: Notify) -> bool:
        row = self.get(job_id)
        return super().mark_notified(job_id, row.generation if row else generation, how)


class ExhaustIgnoresLeases(JobStore):
    """A dead letter ends a job that somebody is working on, whose result is then dropped."""

    def exhaust(self, job_id: str, failure: Failed, **kwargs: Any) -> JobRow | None:
        row = self.get(job_id)
        if row is None:
            raise KeyError(job_id)
        if row.terminal:
            return row
        self.finish(job_id, row.attempt, failure)
        return None


class AcknowledgesBeforeFinishing(Consumer):
    """The message is gone whatever happens to the job."""

    def handle(self, delivery: Delivery) -> None:
        try:
            super().handle(delivery)
        except Exception:
            return


class TakesRefusedForDone(Consumer):
    """A job another attempt holds is taken for ended."""

    def _refused(self, row: JobRow, delivery: Delivery) -> None:
        return


class FailureIsAnEmptyResult(Consumer):
    """A failed analysis is stored as done."""

    def _finish(self, row: JobRow, outcome: Outcome, started: float) -> None:
        if isinstance(outcome, Failed):
            outcome = Done(StoredResult(inline="{}"))
        super()._finish(row, outcome, started)


class OutagesSpendReceives(Consumer):
    """A provider that is down is retried like a broken connection."""

    def _put_off(self, row: JobRow, error: Unavailable) -> Outcome | None:
        raise error


class TransientEndsTheJob(Consumer):
    """One hiccup and the job has failed."""

    def _retry(self, row: JobRow, delivery: Delivery, error: Exception) -> Outcome:
        assert isinstance(error, WorkerError)
        return Failed.of(error)


class ForwardsBeforeRecording(Admission):
    """The work message is sent before there is a row."""

    def handle(self, delivery: Delivery) -> None:
        try:
            body = json.loads(delivery.body)
            row = JobRow(
                body["job_id"], Status.QUEUED, self.tiers[delivery.queue_arn], "ocr", 0, 0, ""
            )
            self.queues.send(self.queue_of(row), pointer(row))
        except (ValueError, KeyError):
            pass
        self.record(delivery)


class DuplicatesAreNotForwarded(Admission):
    """A crash between put and send is never made good by the redelivery."""

    def record(self, delivery: Delivery) -> JobRow | None:
        row = super().record(delivery)
        if row is not None and row.admitted_at != self.clock():
            return None
        return row


class BelievesTheMessagesTier(Admission):
    """A lite customer says premium."""

    def _row(self, tier: Any, message: Any) -> JobRow:
        return super()._row(tier, message.model_copy(update={"tier": None}))


class GivesUpOnErrors(Notifier):
    """Any answer will do."""

    def _later(self, row: JobRow, answer: Answer, delivery: Delivery) -> None:
        self._mark(row, Notify.SENT, "sent")


class WrongTokenIsTheJobsFault(Notifier):
    """A 401 rejects the job."""

    def _later(self, row: JobRow, answer: Answer, delivery: Delivery) -> None:
        if answer.verdict is Verdict.UNAUTHORIZED:
            self._mark(row, Notify.REJECTED, "rejected")
            return
        super()._later(row, answer, delivery)


class TellsTheTime(Notifier):
    """The body differs from post to post."""

    def _body(self, row: JobRow) -> Any:
        body = super()._body(row)
        return body.model_copy(update={"error": f"{body.error} at {self.clock()}"})


class NeverSweeps(Sweeper):
    """What was lost stays lost."""

    def sweep(self) -> int:
        return 0


class NoDeadLetters(Finalizer):
    """Dead letters are thrown away."""

    def handle(self, delivery: Delivery) -> None:
        return


def _forgets(event: Any, queues: Any) -> dict[str, Any]:
    """The stream is read and nothing is sent."""
    return {"batchItemFailures": []}


MUTANTS: dict[str, dict[str, Any]] = {
    "no attempt condition": {"store_class": AnyAttemptMayWrite},
    "no status condition on endings": {"store_class": EndingsMayChange},
    "no lease check": {"store_class": LeasesDoNotHold},
    "admission overwrites": {"store_class": AdmitOverwrites},
    "notified without generation": {"store_class": NotifiedWithoutGeneration},
    "exhaust ignores leases": {"store_class": ExhaustIgnoresLeases},
    "acknowledge before finish": {"consumer_class": AcknowledgesBeforeFinishing},
    "leased taken for ended": {"consumer_class": TakesRefusedForDone},
    "failure stored as done": {"consumer_class": FailureIsAnEmptyResult},
    "outage spends receive counts": {"consumer_class": OutagesSpendReceives},
    "transient ends the job": {"consumer_class": TransientEndsTheJob},
    "forward before put": {"admission_class": ForwardsBeforeRecording},
    "duplicates not forwarded": {"admission_class": DuplicatesAreNotForwarded},
    "tier from the message": {"admission_class": BelievesTheMessagesTier},
    "notifier gives up": {"notifier_class": GivesUpOnErrors},
    "401 rejects the job": {"notifier_class": WrongTokenIsTheJobsFault},
    "two stories": {"notifier_class": TellsTheTime},
    "no sweeper": {"sweeper_class": NeverSweeps},
    "no dead-letter consumer": {"finalizer_class": NoDeadLetters},
    "outbox forgets": {"forward": _forgets},
}


FINE = JobPlan()
TWICE_DELIVERED = Faults(duplicate=1.0)
TARGETED: dict[str, Schedule] = {
    "notified without generation": Schedule(
        (JobPlan(behaviour=Behaviour.PERMANENT, redriven_after=9.0),),
        outages=(
            Outage(0.0, 10.0, ApiTrouble.SLUGGISH),
            Outage(10.0, 60.0, ApiTrouble.ERROR_500),
        ),
    ),
    "leased taken for ended": Schedule(
        (JobPlan(behaviour=Behaviour.CRASHES_ONCE, duration=5.0),), TWICE_DELIVERED
    ),
    "no lease check": Schedule((replace(FINE, duration=5.0),), TWICE_DELIVERED),
    "duplicates not forwarded": Schedule((FINE,), crash_points=("put_item:after:1",)),
    "forward before put": Schedule((FINE,), crash_points=("put_item:before:1",)),
    "outbox forgets": Schedule((FINE,)),
    "exhaust ignores leases": Schedule((replace(FINE, duration=30.0),), early_letters=(10.0,)),
    "401 rejects the job": Schedule((FINE,), outages=(Outage(0, 60.0, ApiTrouble.WRONG_TOKEN),)),
}
"""Schedules made for bugs that chance seldom meets."""


def _first_violation(schedules: Iterable[Schedule], **parts: Any) -> list[str]:
    for schedule in schedules:
        broken = World(schedule, **parts).play()
        if broken:
            return broken
    return []


def _schedules(name: str) -> Iterable[Schedule]:
    if name in TARGETED:
        return [TARGETED[name]]
    return (random_schedule(seed, JOBS) for seed in SEEDS)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_is_caught(name: str) -> None:
    assert _first_violation(_schedules(name), **MUTANTS[name])


@pytest.mark.parametrize("name", TARGETED)
def test_a_schedule_made_for_a_bug_passes_without_it(name: str) -> None:
    assert _first_violation([TARGETED[name]]) == []


def test_the_random_schedules_pass_without_a_planted_bug() -> None:
    assert _first_violation(random_schedule(seed, JOBS) for seed in SEEDS[:60]) == []
