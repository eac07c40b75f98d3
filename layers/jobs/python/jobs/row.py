"""One job as the table keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from jobs.contract.message import Tier


class Status(StrEnum):
    """queued -> processing -> done | failed; the first terminal state is final."""

    QUEUED = "queued"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"


class Notify(StrEnum):
    """Whether the API has heard of the end."""

    PENDING = "pending"
    SENT = "sent"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class JobRow:
    """A row; times are seconds since the epoch, texts of JSON are compact.

    Readers ignore attributes they do not know, so that a row written by a newer or an older
    release can be read in the middle of a deployment.
    """

    job_id: str
    status: Status
    tier: Tier
    job_type: str
    admitted_at: float
    due_at: float
    body_hash: str
    source_id: str | None = None
    created_at: str | None = None
    payload: str | None = None
    payload_ref: str | None = None
    generation: int = 1
    attempt: int = 0
    lease_until: float | None = None
    lease_owner: str | None = None
    started_at: float | None = None
    finished_at: float | None = None
    notified_at: float | None = None
    result: str | None = None
    result_ref: str | None = None
    result_sha256: str | None = None
    result_bytes: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    notify: Notify | None = None
    resent: int = 0

    @property
    def terminal(self) -> bool:
        """Whether the job has ended."""
        return self.status in (Status.DONE, Status.FAILED)

    def leased(self, now: float) -> bool:
        """Whether an attempt that may still be alive holds the job."""
        return self.status is Status.PROCESSING and (self.lease_until or 0.0) >= now

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read a DynamoDB item (numbers as Decimal); unknown attributes are ignored."""

        def number(name: str) -> float | None:
            return float(item[name]) if item.get(name) is not None else None

        def count(name: str, default: int) -> int:
            return int(item.get(name, default))

        return cls(
            job_id=item["job_id"],
            status=Status(item["status"]),
            tier=Tier(item["tier"]),
            job_type=item["job_type"],
            admitted_at=number("admitted_at") or 0.0,
            due_at=number("due_at") or 0.0,
            body_hash=item.get("body_hash", ""),
            source_id=item.get("source_id"),
            created_at=item.get("created_at"),
            payload=item.get("payload"),
            payload_ref=item.get("payload_ref"),
            generation=count("generation", 1),
            attempt=count("attempt", 0),
            lease_until=number("lease_until"),
            lease_owner=item.get("lease_owner"),
            started_at=number("started_at"),
            finished_at=number("finished_at"),
            notified_at=number("notified_at"),
            result=item.get("result"),
            result_ref=item.get("result_ref"),
            result_sha256=item.get("result_sha256"),
            result_bytes=int(item["result_bytes"]) if "result_bytes" in item else None,
            error_code=item.get("error_code"),
            error_message=item.get("error_message"),
            notify=Notify(item["notify"]) if item.get("notify") else None,
            resent=count("resent", 0),
        )
