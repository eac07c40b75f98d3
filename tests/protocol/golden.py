"""Rows as each release left them: what a deployment meets in mid-flight.

A folder of `golden_rows/` holds the rows of one release and is never changed afterwards. When the
schema changes, write the next one beside it:

    .venv/bin/python -m tests.protocol.golden release-2
"""

import argparse
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from faults import Code
from jobs.contract.message import Tier
from jobs.job_files import JobFiles
from jobs.outcome import Done, Failed
from jobs.row import JobRow, Notify, Status
from jobs.store import JobStore, compact_json
from tests.protocol.harness.memory_table import MemoryTable

FOLDER = Path(__file__).parent / "golden_rows"
START = 1_800_000_000.0
"""Epoch seconds at which the golden rows are found; virtual time begins there."""

LEASE = 70.0
UNREADABLE = Failed(Code.IMAGE_UNREADABLE, "send the picture again")
TEXT = {"text": "x", "confidence": 0.9, "engine": "golden"}


@dataclass
class Bucket:
    """What a release put beside its rows, by key."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def put_object(self, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        self.objects[Key] = Body


class Release:
    """Today's code at work on a table of its own; `now` is a moment before `START`."""

    def __init__(self, bucket: str) -> None:
        self.now = START - 600.0
        self.bucket = Bucket()
        self.table = MemoryTable()
        self.store = JobStore(self.table, lambda: self.now)
        self.files = JobFiles(self.bucket, bucket, lambda: self.now)

    def admit(self, job_id: str, **fields: Any) -> JobRow:
        base = JobRow(
            job_id,
            Status.QUEUED,
            Tier.BASIC,
            "ocr",
            self.now,
            self.now + 12 * 3600.0,
            "0f",
            source_id="17",
            created_at="2027-01-15T08:00:00Z",
            payload=compact_json({"download_url": f"https://files.example/{job_id}"}),
        )
        row = replace(base, **fields)
        self.store.admit(row)
        return row

    def claim(self, job_id: str, lease: float = LEASE) -> JobRow:
        row = self.store.claim(job_id, "request-1", lease).row
        assert row is not None
        return row

    def end(self, job_id: str, result: dict[str, Any] | None) -> None:
        self.admit(job_id)
        row = self.claim(job_id)
        outcome = Done(self.files.keep_result(row, result)) if result else UNREADABLE
        self.store.finish(job_id, row.attempt, outcome)


def _queued(release: Release) -> None:
    release.admit("queued")


def _queued_large(release: Release) -> None:
    payload = {"download_url": "https://files.example/queued_large", "m": "x" * 120_000}
    inline, ref = release.files.keep_payload("queued_large", payload)
    release.admit("queued_large", payload=inline, payload_ref=ref)


def _released(release: Release) -> None:
    release.admit("released")
    release.store.release("released", release.claim("released").attempt)


def _abandoned(release: Release) -> None:
    release.admit("abandoned")
    release.claim("abandoned")


def _held(release: Release) -> None:
    release.admit("held")
    release.claim("held", lease=600.0 + 30.0)


def _resent(release: Release) -> None:
    release.admit("resent")
    release.store.check_again("resent", START + 11 * 3600.0, resent=True)


def _redriven(release: Release) -> None:
    release.end("redriven", None)
    release.store.mark_notified("redriven", 1, Notify.SENT)
    release.store.redrive("redriven")


def _done_untold(release: Release) -> None:
    release.end("done_untold", TEXT)


def _done_large_untold(release: Release) -> None:
    release.end("done_large_untold", TEXT | {"text": "가" * 50_000})


def _failed_untold(release: Release) -> None:
    release.end("failed_untold", None)


def _refused_untold(release: Release) -> None:
    release.admit(
        "refused_untold",
        job_type="telepathy",
        payload=None,
        status=Status.FAILED,
        error_code=Code.UNKNOWN_JOB_TYPE.value,
        error_message="job_type must be another",
        finished_at=release.now,
        notify=Notify.PENDING,
    )


def _done_told(release: Release) -> None:
    release.end("done_told", TEXT)
    release.store.mark_notified("done_told", 1, Notify.SENT)


def _failed_rejected(release: Release) -> None:
    release.end("failed_rejected", None)
    release.store.mark_notified("failed_rejected", 1, Notify.REJECTED)


STATES: tuple[Callable[[Release], None], ...] = (
    *(_queued, _queued_large, _released, _abandoned, _held, _resent, _redriven),
    *(_done_untold, _done_large_untold, _failed_untold, _refused_untold),
    *(_done_told, _failed_rejected),
)


@dataclass(frozen=True, slots=True)
class Golden:
    """A row as DynamoDB holds it, and the objects it refers to by key."""

    item: dict[str, Any]
    objects: dict[str, bytes]

    @property
    def row(self) -> JobRow:
        """The row as today's code reads it."""
        return JobRow.from_item(self.item)


def rows_of_today(bucket: str) -> list[Golden]:
    """Every state a row can be met in, as today's code writes it."""
    found = []
    for state in STATES:
        release = Release(bucket)
        state(release)
        job_id = state.__name__.removeprefix("_")
        found.append(
            Golden(release.table.get_item({"job_id": job_id})["Item"], release.bucket.objects)
        )
    return found


def read(folder: Path) -> list[Golden]:
    """The rows of one release."""
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _read(path: Path) -> Golden:
    kept = json.loads(path.read_text(encoding="utf-8"))
    plain = TypeDeserializer().deserialize
    return Golden(
        {name: plain(value) for name, value in kept["item"].items()},
        {key: base64.b64decode(text) for key, text in kept["objects"].items()},
    )


def _write(golden: Golden, folder: Path) -> None:
    typed = TypeSerializer().serialize
    kept = {
        "item": {name: typed(value) for name, value in golden.item.items()},
        "objects": {key: base64.b64encode(raw).decode() for key, raw in golden.objects.items()},
    }
    text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / f"{golden.row.job_id}.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Write the rows of a new release."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release", help="a new folder's name, like release-2")
    folder = FOLDER / parser.parse_args().release
    folder.mkdir(parents=True)
    for golden in rows_of_today("results"):
        _write(golden, folder)


if __name__ == "__main__":
    main()
