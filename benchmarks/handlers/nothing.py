"""A reader that does nothing, through the project's own consumer: what is left is the platform."""

from jobs.contract.message import JobType
from jobs.contract.ocr import OcrPayload, OcrResult
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: OcrPayload, workspace: Workspace) -> OcrResult:
    """Answer without reading."""
    return OcrResult(text="", confidence=None, engine="none")


handler = job_handler(JobType.OCR, run)
