"""What a producer may put into a message to reach where it should not."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from faults import Code
from jobs.admission import Admission
from jobs.contract.message import Tier
from jobs.contract.omr import OmrPayload
from jobs.delivery import Delivery
from jobs.job_files import JobFiles
from jobs.row import JobRow, Status
from jobs.store import Admitted

LINK = "https://files.example.com/a"


@dataclass
class Bucket:
    keys: list[str] = field(default_factory=list)

    def put_object(self, *, Key: str, **_: object) -> None:
        self.keys.append(Key)


class Table:
    def admit(self, row: JobRow) -> Admitted:
        return Admitted()


class Silence:
    def count(self, *_: object, **__: object) -> None: ...

    def line(self, *_: object, **__: object) -> None: ...


def record(body: str, bucket: Bucket, tier: Tier = Tier.PREMIUM) -> JobRow | None:
    world: Any = Silence()
    table: Any = Table()
    files = JobFiles(bucket, "bucket", lambda: 0.0)
    admission = Admission({"arn": tier}, table, files, world, world, lambda: 0.0)
    return admission.record(Delivery("m", body, 1, "r", "arn", 0.0, "me", lambda: 60.0))


def message(**fields: object) -> str:
    body = {"job_id": "job-1", "job_type": "ocr", "payload": {"download_url": LINK}} | fields
    return json.dumps(body)


@pytest.mark.parametrize(
    "job_id",
    [
        "../../results/other",
        "a/b",
        "a\\b",
        ".hidden",
        "-rf",
        "a\n",
        "a\x00b",
        "a b",
        "a%2f..",
        "．．／a",
        "{job}",
        "${jndi:ldap://x}",
        "<script>",
        "'; DROP TABLE jobs;--",
        "x" * 129,
        "",
        None,
        [],
        True,
        False,
    ],
)
def test_a_job_id_that_is_a_path_is_quarantined_under_a_key_of_ours(job_id: object) -> None:
    bucket = Bucket()

    assert record(message(job_id=job_id), bucket) is None
    assert len(bucket.keys) == 1
    assert bucket.keys[0].startswith("quarantine/1970-01-01/message_invalid-")
    assert "/" not in bucket.keys[0].split("/", 2)[2]


def test_a_source_that_is_no_text_does_not_cost_the_job_its_row() -> None:
    bucket = Bucket()

    row = record(message(source_id=True), bucket)

    assert row is not None
    assert (row.job_id, row.source_id, row.error_code) == ("job-1", None, Code.MESSAGE_INVALID)
    assert bucket.keys == []


def test_a_large_payload_goes_to_a_key_below_its_job() -> None:
    bucket = Bucket()
    payload = {"download_url": LINK, "note": "x" * 200_000}

    row = record(message(payload=payload), bucket)

    assert row is not None
    assert row.payload is None
    assert bucket.keys[0].startswith("payloads/job-1/")


def test_a_body_cannot_promote_its_tier() -> None:
    row = record(message(tier="premium"), Bucket(), Tier.LITE)

    assert row is not None
    assert (row.tier, row.status, row.error_code) == (
        Tier.LITE,
        Status.FAILED,
        Code.TIER_MISMATCH,
    )


def test_credentials_and_addresses_in_a_payload_are_not_read() -> None:
    foreign = {"base_url": "https://evil.example", "token": "t", "cookie": "c"}

    payload = OmrPayload.model_validate(
        {"download_url": LINK, "question_count": 20, "template_fetch": foreign}
    )

    assert "evil" not in payload.model_dump_json()
    assert not hasattr(payload, "template_fetch")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"job_id": "a", "payload": ' + "[" * 100_000, id="open brackets"),
        pytest.param(
            '{"job_id": "a", "payload": ' + '{"a":' * 50_000 + "1" + "}" * 50_001, id="deep"
        ),
        pytest.param('{"job_id": ' + "9" * 100_000 + "}", id="long number"),
        pytest.param('{"job_id": "a", "source_id": ' + "9" * 100_000 + "}", id="long source"),
        pytest.param('{"job_id": "a", "source_id": 1e999}', id="infinite source"),
        pytest.param('\ufeff{"job_id": "a"}', id="byte order mark"),
        pytest.param('{"job_id": "a", "payload": {"x": "\\ud800"}}', id="half a character"),
        pytest.param("null", id="null"),
        pytest.param("", id="nothing"),
    ],
)
def test_json_made_to_break_parsers_is_recorded_or_quarantined(body: str) -> None:
    bucket = Bucket()

    row = record(body, bucket)

    assert (row is None) == bool(bucket.keys)
    assert row is None or row.status is Status.FAILED
