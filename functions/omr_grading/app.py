"""Job `omr_grading`: the marks on an answer sheet, and, with a key, the score."""

from functions.omr_grading.answer import read
from jobs.contract.message import JobType
from jobs.contract.omr import OmrPayload, OmrResult
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: OmrPayload, workspace: Workspace) -> OmrResult:
    """Read every sheet of a picture or document."""
    return read(payload, workspace)


handler = job_handler(JobType.OMR_GRADING, run)
