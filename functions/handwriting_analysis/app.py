"""Job `handwriting_analysis`: how much a hand has added to a page."""

from functions.handwriting_analysis.answer import analyse
from jobs.contract.handwriting import HandwritingPayload, HandwritingResult
from jobs.contract.message import JobType
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: HandwritingPayload, workspace: Workspace) -> HandwritingResult:
    """Score the handwriting of each page of a picture or PDF."""
    return analyse(payload, workspace)


handler = job_handler(JobType.HANDWRITING_ANALYSIS, run)
