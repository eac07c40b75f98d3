"""`analyze`: what a file that cannot be taken is told."""

from pathlib import Path

import pytest

from academy_worker.analysing import analyse
from jobs.contract.message import JobType


@pytest.mark.parametrize("content", [b"\xff\xd8\xff picture", b"{broken", b"[1, 2]"])
def test_a_type_without_a_link_refuses_what_is_no_json_object(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(content)
    error = analyse(JobType.EMBEDDING, path, {}, None)["error"]
    assert error == {
        "code": "payload_invalid",
        "message": "page.jpg: this job type takes a JSON object",
    }


@pytest.mark.parametrize("job_type", [JobType.EMBEDDING, JobType.OCR])
def test_a_file_that_is_not_there_is_missing(tmp_path: Path, job_type: JobType) -> None:
    error = analyse(job_type, tmp_path / "none.jpg", {}, None)["error"]
    assert error["code"] == "download_missing"
