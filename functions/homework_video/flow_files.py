"""What the steps of a flow hand to one another: files, as a state holds 256 KiB only.

Everything lies under `frames/{job_id}/g{generation}/a{attempt}/`; every step writes the same
names again if it is repeated, so a repeated step changes nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.row import JobRow
from jobs.wiring import client, files, platform, store


@dataclass(frozen=True, slots=True)
class FlowJob:
    """The job as the state carries it."""

    job_id: str
    generation: int
    attempt: int

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "FlowJob":
        """Read the `job` of a step's input."""
        job = event["job"]
        return cls(str(job["job_id"]), int(job["generation"]), int(job["attempt"]))

    def row(self) -> JobRow:
        """The job's row. Raises `KeyError` if it is gone."""
        row = store().get(self.job_id)
        if row is None:
            raise KeyError(self.job_id)
        return row

    def payload(self) -> dict[str, Any]:
        """What the producer sent."""
        return files().load_payload(self.row())


@dataclass(frozen=True, slots=True)
class FlowFiles:
    """The files of one attempt in the results bucket."""

    job: FlowJob

    def ref(self, name: str) -> str:
        """The `s3://` reference of a file."""
        return f"s3://{platform().results_bucket}/{self._key(name)}"

    def put(self, name: str, data: bytes, content_type: str = "application/octet-stream") -> str:
        """Write a file; returns its reference."""
        client("s3").put_object(
            Bucket=platform().results_bucket,
            Key=self._key(name),
            Body=data,
            ContentType=content_type,
        )
        return self.ref(name)

    def get(self, name: str) -> bytes:
        """Read a file."""
        found = client("s3").get_object(Bucket=platform().results_bucket, Key=self._key(name))
        return bytes(found["Body"].read())

    def put_json(self, name: str, value: Any) -> None:
        """Write a manifest."""
        self.put(name, json.dumps(value, separators=(",", ":")).encode(), "application/json")

    def get_json(self, name: str) -> Any:
        """Read a manifest."""
        return json.loads(self.get(name))

    def upload(self, name: str, path: str) -> None:
        """Write a large file from disk, in parts."""
        client("s3").upload_file(path, platform().results_bucket, self._key(name))

    def download(self, name: str, path: str) -> None:
        """Read a large file to disk."""
        client("s3").download_file(platform().results_bucket, self._key(name), path)

    def remove(self, name: str) -> None:
        """Delete a file; none there is fine."""
        client("s3").delete_object(Bucket=platform().results_bucket, Key=self._key(name))

    def _key(self, name: str) -> str:
        job = self.job
        return f"frames/{job.job_id}/g{job.generation}/a{job.attempt}/{name}"
