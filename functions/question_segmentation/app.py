"""Job `question_segmentation`: a page's questions as boxes."""

from functions.question_segmentation.answer import segment
from jobs.contract.message import JobType
from jobs.contract.segmentation import SegmentationPayload, SegmentationResult
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: SegmentationPayload, workspace: Workspace) -> SegmentationResult:
    """Find the questions of each page of a picture or PDF."""
    return segment(payload, workspace)


handler = job_handler(JobType.QUESTION_SEGMENTATION, run)
