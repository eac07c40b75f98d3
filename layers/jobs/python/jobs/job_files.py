"""What is too large for a row, and what nobody can read: files in the results bucket.

Keys: `results/{job_id}/g{generation}/a{attempt}…` (the attempt in the key means that no attempt
ever overwrites another's file), `payloads/{job_id}/…`, `quarantine/{date}/…`.
"""

import gzip
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from faults import Code, Permanent
from jobs import limits
from jobs.outcome import StoredResult
from jobs.row import JobRow
from jobs.store import compact_json


class JobFiles:
    """The results bucket; `s3` is a boto3 S3 client."""

    def __init__(self, s3: Any, bucket: str, clock: Callable[[], float] = time.time) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._clock = clock

    def keep_result(self, row: JobRow, result: dict[str, Any]) -> StoredResult:
        """Keep a result inline if it is small, else in S3, written before the row says done."""
        text = compact_json(result)
        raw = text.encode()
        if len(raw) <= limits.INLINE_BYTES:
            return StoredResult(inline=text)
        key = f"results/{row.job_id}/g{row.generation}/a{row.attempt}.json.gz"
        self._put(key, gzip.compress(raw, mtime=0), "application/gzip")
        return StoredResult(
            ref=f"s3://{self._bucket}/{key}",
            sha256=hashlib.sha256(raw).hexdigest(),
            size=len(raw),
        )

    def load_result(self, row: JobRow) -> dict[str, Any] | None:
        """Read a row's result back. Raises `Permanent(result_invalid)` if it was changed."""
        if row.result is not None:
            return _object(row.result)
        if row.result_ref is None:
            return None
        raw = gzip.decompress(self._get(row.result_ref))
        if hashlib.sha256(raw).hexdigest() != row.result_sha256:
            raise Permanent(Code.RESULT_INVALID, "the stored result does not match its checksum")
        return _object(raw)

    def keep_payload(self, job_id: str, payload: dict[str, Any]) -> tuple[str | None, str | None]:
        """Return (inline JSON, None) for a small payload, else (None, reference)."""
        text = compact_json(payload)
        raw = text.encode()
        if len(raw) <= limits.INLINE_BYTES:
            return text, None
        key = f"payloads/{job_id}/{hashlib.sha256(raw).hexdigest()[:16]}.json.gz"
        self._put(key, gzip.compress(raw, mtime=0), "application/gzip")
        return None, f"s3://{self._bucket}/{key}"

    def load_payload(self, row: JobRow) -> dict[str, Any]:
        """Read a row's payload back."""
        if row.payload_ref is None:
            return _object(row.payload or "{}")
        return _object(gzip.decompress(self._get(row.payload_ref)))

    def keep_file(self, row: JobRow, name: str, data: bytes, content_type: str) -> str:
        """Keep a picture or document of a result; returns its `s3://` reference."""
        key = f"results/{row.job_id}/g{row.generation}/a{row.attempt}/{name}"
        return self._put(key, data, content_type)

    def quarantine(self, body: str, reason: str) -> str:
        """Keep a message that nobody can read, for a person to look at."""
        day = time.strftime("%Y-%m-%d", time.gmtime(self._clock()))
        digest = hashlib.sha256(body.encode()).hexdigest()[:32]
        return self._put(f"quarantine/{day}/{reason}-{digest}.txt", body.encode(), "text/plain")

    def link(self, ref: str) -> str:
        """Presign a reference for an hour, for whoever holds no AWS credential."""
        bucket, key = _split(ref)
        return str(
            self._s3.generate_presigned_url(
                "get_object",
                Params={"Bucket": bucket, "Key": key},
                ExpiresIn=limits.RESULT_URL_TTL,
            )
        )

    def _put(self, key: str, data: bytes, content_type: str) -> str:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)
        return f"s3://{self._bucket}/{key}"

    def _get(self, ref: str) -> bytes:
        bucket, key = _split(ref)
        return bytes(self._s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def _split(ref: str) -> tuple[str, str]:
    bucket, _, key = ref.removeprefix("s3://").partition("/")
    return bucket, key


def _object(text: str | bytes) -> dict[str, Any]:
    value = json.loads(text)
    return value if isinstance(value, dict) else {}
