"""From an ingress queue into the table and on to a work queue.

Order matters: the row is written before the message is forwarded, and the message is forwarded
before the ingress message is acknowledged, so that a crash at any point costs a duplicate only.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from faults import Code, Permanent, WorkerError
from jobs import limits
from jobs.contract.message import JobMessage, Tier
from jobs.contract.registry import field_errors, parse_payload
from jobs.delivery import Delivery
from jobs.job_files import JobFiles
from jobs.queues import Queues, pointer, work_queue
from jobs.row import JobRow, Notify, Status
from jobs.store import Admitted, AlreadyThere, JobStore, compact_json
from jobs.telemetry import Metric, Telemetry
from jobs.tiers import route

SALVAGED_CHARS = 128
"""Characters of a field worth keeping of an unreadable message."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Reads ingress messages; `tiers` maps the ARN of each ingress queue to its tier."""

    tiers: Mapping[str, Tier]
    store: JobStore
    files: JobFiles
    queues: Queues
    telemetry: Telemetry
    clock: Callable[[], float]
    queue_of: Callable[[JobRow], str] = work_queue

    def handle(self, delivery: Delivery) -> None:
        """Admit one message. Returns when its job is recorded and on its way, or quarantined."""
        row = self.record(delivery)
        if row is not None and row.status is Status.QUEUED:
            self.queues.send(self.queue_of(row), pointer(row))

    def record(self, delivery: Delivery) -> JobRow | None:
        """Write a message's row if there is none; the row as it stands, None if quarantined."""
        tier = self.tiers[delivery.queue_arn]
        try:
            message = JobMessage.model_validate_json(delivery.body)
        except ValidationError as error:
            fault = Permanent(Code.MESSAGE_INVALID, field_errors(error))
            return self.record_failed(tier, delivery, fault)
        row = self._row(tier, message)
        match self.store.admit(row):
            case Admitted():
                self._count(row)
                return row
            case AlreadyThere(old) if old.body_hash == row.body_hash:
                self.telemetry.count(Metric.DUPLICATE, old.tier, old.job_type)
                return old
            case _:
                self._quarantine(tier, delivery, Code.JOB_CONFLICT, Metric.CONFLICT)
                return None

    def record_failed(self, tier: Tier, delivery: Delivery, fault: Permanent) -> JobRow | None:
        """Record the job of a message that cannot be admitted as failed; None if quarantined.

        A job that is there already ends by its own work: a letter of a mere repetition must not
        end it. Where its message may never have been sent, the sweeper looks at it next.
        """
        salvaged = salvage(delivery.body)
        if salvaged is None:
            self._quarantine(tier, delivery, Code.MESSAGE_INVALID, Metric.QUARANTINED)
            return None
        row = replace(self._failed(tier, salvaged, fault), body_hash=hash_of_any(delivery.body))
        match self.store.admit(row):
            case Admitted():
                self._count(row)
                return row
            case AlreadyThere(old) if old.body_hash == row.body_hash:
                self.telemetry.count(Metric.DUPLICATE, old.tier, old.job_type)
                if old.status is Status.QUEUED:
                    self.store.check_again(old.job_id, self.clock())
                return old
            case _:
                self._quarantine(tier, delivery, Code.JOB_CONFLICT, Metric.CONFLICT)
                return None

    def _row(self, tier: Tier, message: JobMessage) -> JobRow:
        try:
            if message.tier not in (None, "", tier.value):
                raise Permanent(
                    Code.TIER_MISMATCH, f"tier says otherwise; this is the {tier} queue"
                )
            job_type = route(tier, message.job_type)
            parse_payload(job_type, message.payload)
        except Permanent as error:
            return self._failed(tier, message, error)
        inline, ref = self.files.keep_payload(message.job_id, message.payload)
        return self._base(tier, message, job_type, payload=inline, payload_ref=ref)

    def _failed(self, tier: Tier, message: JobMessage, error: WorkerError) -> JobRow:
        return self._base(
            tier,
            message,
            message.job_type[:64],
            status=Status.FAILED,
            error_code=error.code.value,
            error_message=error.message[: limits.ERROR_MESSAGE_CHARS],
            finished_at=self.clock(),
            notify=Notify.PENDING,
        )

    def _base(self, tier: Tier, message: JobMessage, job_type: str, **fields: Any) -> JobRow:
        now = self.clock()
        return JobRow(
            job_id=message.job_id,
            status=fields.pop("status", Status.QUEUED),
            tier=tier,
            job_type=job_type,
            admitted_at=now,
            due_at=now + limits.DUE[tier],
            body_hash=body_hash(message),
            source_id=message.source_id,
            created_at=message.created_at,
            **fields,
        )

    def _quarantine(self, tier: Tier, delivery: Delivery, code: Code, metric: Metric) -> None:
        self.files.quarantine(delivery.body, code.value)
        self.telemetry.count(metric, tier, "none")
        self.telemetry.line("quarantined", message_id=delivery.message_id, code=code)

    def _count(self, row: JobRow) -> None:
        if row.terminal:
            self.telemetry.count(Metric.FAILED, row.tier, row.job_type, code=row.error_code or "")
        else:
            self.telemetry.count(Metric.ADMITTED, row.tier, row.job_type)


def salvage(body: str) -> JobMessage | None:
    """Read the id, and type and source if they are texts, of a body that is otherwise wrong."""
    try:
        value = json.loads(body)
        kept = {
            name: value[name]
            for name in ("job_id", "job_type", "source_id")
            if _is_text(value.get(name)) and len(str(value[name])) <= SALVAGED_CHARS
        }
        return JobMessage.model_validate(kept)
    except (ValueError, AttributeError, RecursionError):
        return None


def _is_text(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def hash_of_any(body: str) -> str:
    """`body_hash` of a body that can be read, a hash of its text where it cannot."""
    try:
        return body_hash(JobMessage.model_validate_json(body))
    except ValidationError:
        return hashlib.sha256(body.encode()).hexdigest()


def body_hash(message: JobMessage) -> str:
    """Tell two messages of one id apart: same type, payload and source give the same hash."""
    told = compact_json(
        {
            "job_type": message.job_type,
            "payload": message.payload,
            "source_id": message.source_id,
        }
    )
    return hashlib.sha256(told.encode()).hexdigest()
