"""Small things stay in the row; large ones go to S3 and are checked on the way back."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from faults import Code, Permanent
from jobs import limits
from jobs.contract.message import Tier
from jobs.job_files import JobFiles
from jobs.row import JobRow, Status

ROW = JobRow("j-1", Status.PROCESSING, Tier.PREMIUM, "ocr", 0, 1, "h", generation=2, attempt=3)
LARGE = {"text": "가" * limits.INLINE_BYTES}


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", "us-east-1")
        client.create_bucket(Bucket="bucket")
        yield client


def stored(files: JobFiles, result: dict[str, Any]) -> JobRow:
    kept = files.keep_result(ROW, result)
    return replace(ROW, result=kept.inline, result_ref=kept.ref, result_sha256=kept.sha256)


@pytest.mark.parametrize("result", [{"text": "가"}, LARGE, {}])
def test_a_result_comes_back_as_it_was(s3: Any, result: dict[str, Any]) -> None:
    files = JobFiles(s3, "bucket")
    assert files.load_result(stored(files, result)) == result


def test_a_large_result_lies_under_its_own_attempt(s3: Any) -> None:
    kept = JobFiles(s3, "bucket").keep_result(ROW, LARGE)
    assert kept.inline is None
    assert kept.ref == "s3://bucket/results/j-1/g2/a3.json.gz"


def test_a_changed_result_is_refused(s3: Any) -> None:
    files = JobFiles(s3, "bucket")
    row = stored(files, LARGE)
    files.keep_result(ROW, LARGE | {"other": 1})
    with pytest.raises(Permanent) as caught:
        files.load_result(row)
    assert caught.value.code is Code.RESULT_INVALID


@pytest.mark.parametrize("payload", [{"a": 1}, LARGE])
def test_a_payload_comes_back_as_it_was(s3: Any, payload: dict[str, Any]) -> None:
    files = JobFiles(s3, "bucket")
    inline, ref = files.keep_payload("j-1", payload)
    assert (inline is None) == (ref is not None)
    assert files.load_payload(replace(ROW, payload=inline, payload_ref=ref)) == payload


def test_what_nobody_can_read_is_kept_by_day_and_reason(s3: Any) -> None:
    ref = JobFiles(s3, "bucket", lambda: 86400.0).quarantine("{broken", "message_invalid")
    assert ref.startswith("s3://bucket/quarantine/1970-01-02/message_invalid-")
    key = ref.removeprefix("s3://bucket/")
    assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == b"{broken"
