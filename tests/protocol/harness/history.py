"""Everything that was written, and the promises it is held against."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from jobs import limits
from jobs.row import JobRow, Notify, Status
from tests.protocol.harness.api_stub import ApiStub

READ_BY = "read by attempt "
LEASE = limits.LEASE_MARGIN
"""s an attempt has the job for itself at least: its lease is the time its invocation still has,
which delays may have used up, plus the margin."""


@dataclass
class History:
    """`writes` in order of time; `executions` counts how often a job's code was started."""

    writes: list[JobRow] = field(default_factory=list)
    executions: dict[str, int] = field(default_factory=dict)
    overlaps: list[str] = field(default_factory=list)
    _running: dict[str, dict[int, float]] = field(default_factory=dict)

    def record(self, row: JobRow) -> None:
        self.writes.append(row)

    @contextmanager
    def running(self, row: JobRow, now: float) -> Iterator[None]:
        """Note an attempt at work; another one whose lease still holds is an overlap."""
        others = self._running.setdefault(row.job_id, {})
        if any(until >= now for until in others.values()):
            self.overlaps.append(f"{row.job_id} was worked on twice at once")
        if row.terminal:
            self.overlaps.append(f"{row.job_id} was worked on after its end")
        others[row.attempt] = now + LEASE
        try:
            yield
        finally:
            others.pop(row.attempt, None)


def violations(history: History, rows: list[JobRow], api: ApiStub) -> list[str]:
    """Every broken promise, in words; empty when all four hold.

    1. every admitted job ends; 2. a final result never changes; 3. the API is told; 4. it is
    told one story, and that is the row's. And what 2 rests on: the recorded result is that of
    the attempt which held the job.
    """
    return [
        *(f"{row.job_id} never ended ({row.status})" for row in rows if not row.terminal),
        *_changed_endings(history.writes),
        *_told(rows, api),
        *_fenced(history.writes),
    ]


def _ending(row: JobRow) -> tuple[object, ...]:
    return (row.status, row.result, row.result_ref, row.result_sha256, row.error_code)


def _changed_endings(writes: list[JobRow]) -> list[str]:
    first: dict[tuple[str, int], JobRow] = {}
    broken = []
    for row in writes:
        key = (row.job_id, row.generation)
        if key in first and _ending(first[key]) != _ending(row):
            broken.append(f"{row.job_id} changed its ending to {row.status}")
        elif row.terminal:
            first.setdefault(key, row)
    return broken


def _told(rows: list[JobRow], api: ApiStub) -> list[str]:
    broken = []
    for row in rows:
        key = f"{row.job_id}:{row.generation}"
        bodies = api.accepted.get(key, [])
        if not row.terminal:
            continue
        if row.notify is Notify.PENDING:
            broken.append(f"{row.job_id}: the API never heard")
        elif row.notify is Notify.SENT and not bodies:
            broken.append(f"{row.job_id}: marked as told, and was not")
        if row.notify is Notify.REJECTED and key not in api.rejected:
            broken.append(f"{row.job_id}: marked as rejected, and was not")
        if any(body != bodies[0] for body in bodies):
            broken.append(f"{row.job_id}: the API heard different stories")
        if bodies and bodies[0].status != row.status.value:
            broken.append(f"{row.job_id}: the API heard {bodies[0].status}, it is {row.status}")
        if row.status is Status.DONE and bodies and not bodies[0].result:
            broken.append(f"{row.job_id}: done with an empty result")
    return broken


def _fenced(writes: list[JobRow]) -> list[str]:
    return [
        f"{row.job_id}: attempt {row.attempt} held the job, another one wrote its result"
        for row in writes
        if row.result and READ_BY in row.result and f"{READ_BY}{row.attempt}\\n" not in row.result
    ]
