"""Job `ocr`: the text of a picture or PDF."""

from functions.ocr.answer import read
from jobs.contract.message import JobType
from jobs.contract.ocr import OcrPayload, OcrResult
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: OcrPayload, workspace: Workspace) -> OcrResult:
    """Read every page of a picture or PDF."""
    return read(payload, workspace)


handler = job_handler(JobType.OCR, run)
