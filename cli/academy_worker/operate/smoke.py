"""A few jobs through a deployed stack: the first look at a new account.

Text jobs of a made-up student, so that no file is needed. They stay in the table for as long as
any row, and the academy's API hears of ids it has never given: run this on a stack whose API takes
that, or expect the last check to say that it refused.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from academy_worker.operate.checks import Check
from academy_worker.operate.dead_letters import quarantined
from academy_worker.operate.stack import Stack
from jobs.row import JobRow, Notify

PAYLOAD = {
    "enrollment_id": "smoke",
    "student_name": "연기 시험",
    "exams": [
        {
            "exam_id": "smoke",
            "title": "연기 시험",
            "items": [{"question_id": 1, "submitted": "1", "right_answer": "2", "text": "1+1=?"}],
        }
    ],
}
Found = TypeVar("Found")

_EVERY = 1.0
"""s between two looks."""


def smoke(stack: Stack, patience: float) -> Iterator[Check]:
    """Send jobs and check what becomes of them, each within `patience` seconds."""
    job_id = f"smoke-{uuid.uuid4().hex[:12]}"
    body = _body(job_id, PAYLOAD)
    earlier = set(quarantined(stack, 1000))
    stack.send("basic", body)
    stack.send("basic", body)
    row = _ended(stack, job_id, patience)
    yield _ends(job_id, row)
    yield _refused(stack, patience)
    stack.send("basic", _body(job_id, PAYLOAD | {"student_name": "다른 학생"}))
    stack.send("lite", f"smoke: no job {job_id}")
    kept = until(lambda: _kept_since(stack, earlier), patience, lambda found: len(found) == 2)
    yield _set_aside(kept)
    yield _once(stack.store().get(job_id))
    told = until(lambda: stack.store().get(job_id), patience, _heard)
    yield _told(told)


def _body(job_id: str, payload: dict[str, Any], job_type: str = "wrong_note") -> str:
    message = {"job_id": job_id, "job_type": job_type, "payload": payload}
    return json.dumps(message, ensure_ascii=False)


def _ends(job_id: str, row: JobRow | None) -> Check:
    name = "a job ends"
    if row is None:
        return Check(name, "failed", f"{job_id} has no row", "see docs/runbook.md#basic-queue-age")
    if row.status != "done":
        code = row.error_code or "not ended"
        remedy = f"see docs/errors.md and the reader's log for {job_id}"
        return Check(name, "failed", f"{row.status}: {code}", remedy)
    return Check(name, "ok", f"{(row.finished_at or 0) - row.admitted_at:.1f} s after admission")


def _refused(stack: Stack, patience: float) -> Check:
    name = "a tier that may not is refused"
    job_id = f"smoke-{uuid.uuid4().hex[:12]}"
    stack.send("lite", _body(job_id, {"texts": ["1+1"]}, "embedding"))
    row = _ended(stack, job_id, patience)
    if row is not None and row.error_code == "tier_forbidden":
        return Check(name, "ok", "tier_forbidden")
    return Check(name, "failed", "no row" if row is None else str(row.error_code or row.status))


def _set_aside(kept: list[str]) -> Check:
    name = "what is no job, and another job under the same id, are kept"
    if len(kept) == 2:
        return Check(name, "ok", ", ".join(kept))
    return Check(name, "failed", f"{len(kept)} of 2 in quarantine", "look into admit's log")


def _once(row: JobRow | None) -> Check:
    name = "a message sent twice is worked on once"
    attempts = 0 if row is None else row.attempt
    return Check(name, "ok" if attempts == 1 else "failed", f"{attempts} attempts")


def _told(row: JobRow | None) -> Check:
    name = "the API has been told"
    if row is None or row.notify == Notify.PENDING or row.notify is None:
        return Check(name, "failed", "not yet", "see docs/runbook.md#notify-failing")
    if row.notify == Notify.REJECTED:
        return Check(
            name, "warning", "it refused the id", "expected of an API that gave no such job"
        )
    return Check(
        name, "ok", f"{(row.notified_at or 0) - (row.finished_at or 0):.1f} s after the end"
    )


def _ended(stack: Stack, job_id: str, patience: float) -> JobRow | None:
    store = stack.store()
    return until(lambda: store.get(job_id), patience, lambda row: row is not None and row.terminal)


def _heard(row: JobRow | None) -> bool:
    return row is not None and row.notify in (Notify.SENT, Notify.REJECTED)


def _kept_since(stack: Stack, earlier: set[str]) -> list[str]:
    return sorted(set(quarantined(stack, 1000)) - earlier)


def until(look: Callable[[], Found], patience: float, enough: Callable[[Found], bool]) -> Found:
    """Look until it is enough or patience is at its end; what was seen last."""
    deadline = time.monotonic() + patience
    while not enough(found := look()) and time.monotonic() < deadline:
        time.sleep(_EVERY)
    return found
