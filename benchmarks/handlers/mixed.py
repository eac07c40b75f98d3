"""A reader that behaves as the job's link says, through the project's own consumer.

The link ends in KIND/JOB_ID. How often a job was tried is counted in the folder for temporary
files, which all handlers of an engine share.
"""

import os
import tempfile
from pathlib import Path

from faults import Code, Permanent, Transient
from jobs import limits
from jobs.contract.message import JobType
from jobs.contract.ocr import OcrPayload, OcrResult
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: OcrPayload, workspace: Workspace) -> OcrResult:
    """Answer, fail or die."""
    kind, job_id = payload.download_url.split("/")[-2:]
    tries = _count(job_id)
    match kind:
        case "permanent":
            raise Permanent(Code.IMAGE_UNREADABLE, "send the picture again")
        case "transient" if tries == 1:
            raise Transient(Code.DOWNLOAD_TIMEOUT, "slow")
        case "crash" if tries == 1:
            os._exit(1)
        case "poison":
            os._exit(1)
    text = "가" * limits.INLINE_BYTES if kind == "large" else f"try {tries}"
    return OcrResult(text=text, confidence=None, engine="none")


def _count(job_id: str) -> int:
    """Note a try and say how many there have been."""
    path = Path(tempfile.gettempdir()) / f"tries-{job_id}"
    with path.open("ab") as file:
        file.write(b".")
    return path.stat().st_size


handler = job_handler(JobType.OCR, run)
