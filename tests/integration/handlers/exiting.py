"""A reader whose process dies in the middle of a job, as by a lack of memory."""

import os

from jobs.contract.message import JobType
from jobs.contract.ocr import OcrPayload, OcrResult
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: OcrPayload, workspace: Workspace) -> OcrResult:
    os._exit(1)


handler = job_handler(JobType.OCR, run)
