"""One message of a work queue: claim, run, finish.

The message is acknowledged when the job has ended, when it had ended before, or when a delayed
copy took its place; in every other case it comes back.
"""

import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from faults import Code, LeaseLost, Permanent, Unavailable, WorkerError
from jobs import limits
from jobs.backoff import provider_delay, retry_delay
from jobs.contract.base import Payload, Result
from jobs.contract.message import JobType, WorkMessage
from jobs.contract.registry import parse_payload
from jobs.delivery import Delivery, Keep
from jobs.job_files import JobFiles
from jobs.outcome import Done, Failed, Outcome
from jobs.queues import Queues, pointer, work_queue
from jobs.row import JobRow
from jobs.store import Claimed, JobStore, Refused
from jobs.telemetry import Metric, Telemetry, tell_ended
from jobs.workspace import Workspace

Run = Callable[[Any, Workspace], Result]
"""A job type's code: (payload, workspace) -> result. Raises `WorkerError`s."""

OpenWorkspace = Callable[[JobRow, float], AbstractContextManager[Workspace]]
"""(row, deadline in clock seconds) -> workspace, cleaned up afterwards."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Works off deliveries; everything that touches the world comes in here."""

    runs: Mapping[JobType, Run]
    store: JobStore
    files: JobFiles
    queues: Queues
    open_workspace: OpenWorkspace
    telemetry: Telemetry
    clock: Callable[[], float]
    rng: random.Random
    queue_of: Callable[[JobRow], str] = work_queue

    def handle(self, delivery: Delivery) -> None:
        """End the job of this message, or raise `Keep`, or let a service error through."""
        message = WorkMessage.model_validate_json(delivery.body)
        lease = delivery.seconds_left() + limits.LEASE_MARGIN
        match self.store.claim(message.job_id, delivery.owner, lease):
            case Refused(None):
                self.telemetry.count(Metric.ORPHANED, "none", "none")
                raise Keep(f"no row for {message.job_id}: on to the dead letters")
            case Refused(row) if row is not None:
                self._refused(row, delivery)
            case Claimed(row):
                self._claimed(row, delivery)

    def _refused(self, row: JobRow, delivery: Delivery) -> None:
        if row.terminal:
            self._count(Metric.DUPLICATE, row)
            return
        until = (row.lease_until or 0.0) - self.clock()
        self.queues.hide(
            delivery.queue_arn, delivery.receipt_handle, until + self.rng.uniform(1.0, 5.0)
        )
        raise Keep(f"{row.job_id} is being worked on")

    def _claimed(self, row: JobRow, delivery: Delivery) -> None:
        started = self.clock()
        self._count(Metric.QUEUE_WAIT, row, 1000 * max(0.0, started - delivery.sent_at))
        outcome = self._outcome(row, delivery, started)
        if outcome is not None:
            self._finish(row, outcome, started)

    def _outcome(self, row: JobRow, delivery: Delivery, started: float) -> Outcome | None:
        """How this attempt ends the job; None where a delayed copy took its place."""
        try:
            return self._attempt(row, started + delivery.seconds_left())
        except Unavailable as error:
            return self._put_off(row, error)
        except Exception as error:
            return self._retry(row, delivery, error)

    def _attempt(self, row: JobRow, deadline: float) -> Outcome:
        try:
            payload = parse_payload(JobType(row.job_type), self.files.load_payload(row))
            with self.open_workspace(row, deadline) as workspace:
                result = self._run(row, payload, workspace)
            return Done(self.files.keep_result(row, result.model_dump(mode="json")))
        except Permanent as error:
            return Failed.of(error)

    def _run(self, row: JobRow, payload: Payload, workspace: Workspace) -> Result:
        try:
            result = self.runs[JobType(row.job_type)](payload, workspace)
        except ValidationError as error:
            raise Permanent(
                Code.RESULT_INVALID, f"the result breaks its contract ({error.error_count()})"
            ) from None
        if not isinstance(result, Result):
            raise Permanent(Code.RESULT_INVALID, "the job returned no result")
        return result

    def _put_off(self, row: JobRow, error: Unavailable) -> Outcome | None:
        """Send a delayed copy, or fail the job once it would come too late."""
        delay = provider_delay(error.retry_after, self.rng)
        if self.clock() + delay > row.due_at:
            return Failed.of(error)
        self._release(row)
        self.queues.send(self.queue_of(row), pointer(row), delay)
        self._count(Metric.DEFERRED, row)
        return None

    def _retry(self, row: JobRow, delivery: Delivery, error: Exception) -> Outcome:
        """Raise `Keep` for another try, or fail the job after its last one."""
        code = error.code if isinstance(error, WorkerError) else Code.INTERNAL
        if not isinstance(error, WorkerError):
            self.telemetry.fault("crashed", error, job_id=row.job_id, attempt=row.attempt)
            self._count(Metric.CRASHED, row)
        if delivery.receive_count >= limits.WORK_MAX_RECEIVE:
            said = f": {error.message}" if isinstance(error, WorkerError) else ""
            told = f"last of several tries: {code}{said}"
            return Failed.of(Permanent(Code.RETRIES_EXHAUSTED, told))
        self._release(row)
        delay = retry_delay(delivery.receive_count, self.rng)
        self.queues.hide(delivery.queue_arn, delivery.receipt_handle, delay)
        self._count(Metric.RETRIED, row, code=code)
        raise Keep(f"{row.job_id}: {code}")

    def _release(self, row: JobRow) -> None:
        try:
            self.store.release(row.job_id, row.attempt)
        except LeaseLost as error:
            self._count(Metric.LEASE_LOST, row)
            raise Keep(error.message) from None

    def _finish(self, row: JobRow, outcome: Outcome, started: float) -> None:
        try:
            self.store.finish(row.job_id, row.attempt, outcome)
        except LeaseLost as error:
            self._count(Metric.LEASE_LOST, row)
            raise Keep(error.message) from None
        tell_ended(self.telemetry, row, outcome, self.clock() - started)

    def _count(self, metric: Metric, row: JobRow, value: float = 1, code: str = "") -> None:
        self.telemetry.count(metric, row.tier, row.job_type, value, code)
