"""A reader that never comes back."""

import time

from jobs.contract.message import JobType
from jobs.contract.ocr import OcrPayload, OcrResult
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: OcrPayload, workspace: Workspace) -> OcrResult:
    time.sleep(3600)
    return OcrResult(text="too late", confidence=1.0, engine="none")


handler = job_handler(JobType.OCR, run)
