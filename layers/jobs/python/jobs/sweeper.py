"""Every five minutes: no admitted job is forgotten, whatever was lost on the way."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from faults import Code, Transient
from jobs import limits
from jobs.outbox import NOTIFY_QUEUE
from jobs.outcome import Failed
from jobs.queues import Queues, pointer, work_queue
from jobs.row import JobRow, Notify
from jobs.store import JobStore
from jobs.telemetry import Metric, Telemetry, tell_ended

OVERDUE = Failed(Code.DEADLINE, "no answer before the deadline of its tier; submit it again")


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Looks at open jobs whose time to be looked at has come."""

    store: JobStore
    queues: Queues
    telemetry: Telemetry
    clock: Callable[[], float]
    queue_of: Callable[[JobRow], str] = work_queue

    def sweep(self, seconds_left: Callable[[], float] = lambda: math.inf) -> int:
        """Bring every job that needs it back on its way; returns how many were looked at.

        A job that cannot be looked at (a row of a later release, a queue that is gone) does not
        keep the others from it. Raises `Transient(internal)` after all others were served.
        """
        seen = failed = 0
        for job_id in self._due(seconds_left):
            seen += 1
            try:
                row = self.store.get(job_id)
                if row is not None:
                    self._look_at(row)
            except Exception as error:
                failed += 1
                self.telemetry.fault("not_swept", error, job_id=job_id)
                self.store.check_again(job_id, self.clock() + limits.SWEEP_AGAIN)
        if failed:
            raise Transient(Code.INTERNAL, f"{failed} of {seen} jobs could not be looked at")
        return seen

    def _due(self, seconds_left: Callable[[], float]) -> Iterator[str]:
        """Yield ids to look at, each once, page after page while there is time.

        The index trails the table, so a page may bring what was looked at already.
        """
        seen: set[str] = set()
        while fresh := [job_id for job_id in self.store.to_check() if job_id not in seen]:
            for job_id in fresh:
                if seconds_left() < limits.SWEEP_MARGIN:
                    return
                seen.add(job_id)
                yield job_id

    def _look_at(self, row: JobRow) -> None:
        now = self.clock()
        if row.terminal:
            self._tell_again(row, now)
        elif row.leased(now):
            self.store.check_again(row.job_id, (row.lease_until or now) + limits.LEASE_MARGIN)
        elif now >= row.due_at:
            if self.store.exhaust(row.job_id, OVERDUE) is None:
                tell_ended(self.telemetry, row, OVERDUE)
                self._rescued(row, OVERDUE.code)
        elif not row.resent:
            self.queues.send(self.queue_of(row), pointer(row))
            self.store.check_again(row.job_id, row.due_at, resent=True)
            self._rescued(row, "resent")
        else:
            self.store.check_again(row.job_id, row.due_at)

    def _tell_again(self, row: JobRow, now: float) -> None:
        if row.notify is not Notify.PENDING:
            return
        waited_until = (row.finished_at or now) + limits.UNNOTIFIED_AFTER
        if now < waited_until:
            self.store.check_again(row.job_id, waited_until)
            return
        self.queues.send(NOTIFY_QUEUE, pointer(row))
        self.store.check_again(row.job_id, now + limits.NOTIFY_RESEND_EVERY)
        self._rescued(row, "told_again")

    def _rescued(self, row: JobRow, how: str) -> None:
        self.telemetry.count(Metric.RESCUED, row.tier, row.job_type)
        self.telemetry.line("rescued", job_id=row.job_id, code=how)
