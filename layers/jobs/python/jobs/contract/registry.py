"""Which payload and which result belong to a job type."""

from dataclasses import dataclass

from pydantic import ValidationError

from faults import Code, Permanent
from jobs.contract.base import Payload, Result
from jobs.contract.embedding import EmbeddingPayload, EmbeddingResult
from jobs.contract.handwriting import HandwritingPayload, HandwritingResult
from jobs.contract.message import JobType
from jobs.contract.ocr import OcrPayload, OcrResult
from jobs.contract.omr import OmrPayload, OmrResult
from jobs.contract.problem import ProblemPayload, ProblemResult
from jobs.contract.segmentation import SegmentationPayload, SegmentationResult
from jobs.contract.video import VideoPayload, VideoResult
from jobs.contract.wrong_note import WrongNotePayload, WrongNoteResult


@dataclass(frozen=True, slots=True)
class Contract:
    """The two models of one job type."""

    payload: type[Payload]
    result: type[Result]


CONTRACTS: dict[JobType, Contract] = {
    JobType.OCR: Contract(OcrPayload, OcrResult),
    JobType.OMR_GRADING: Contract(OmrPayload, OmrResult),
    JobType.QUESTION_SEGMENTATION: Contract(SegmentationPayload, SegmentationResult),
    JobType.HANDWRITING_ANALYSIS: Contract(HandwritingPayload, HandwritingResult),
    JobType.EMBEDDING: Contract(EmbeddingPayload, EmbeddingResult),
    JobType.PROBLEM_GENERATION: Contract(ProblemPayload, ProblemResult),
    JobType.HOMEWORK_VIDEO_ANALYSIS: Contract(VideoPayload, VideoResult),
    JobType.WRONG_NOTE: Contract(WrongNotePayload, WrongNoteResult),
}


def parse_payload(job_type: JobType, payload: dict[str, object]) -> Payload:
    """Check a payload against its contract.

    Raises `Permanent(payload_invalid)` that names each wrong field, never its value.
    """
    try:
        return CONTRACTS[job_type].payload.model_validate(payload)
    except ValidationError as error:
        raise Permanent(Code.PAYLOAD_INVALID, field_errors(error)) from None


def field_errors(error: ValidationError) -> str:
    """Tell which fields are wrong and why, without repeating what was sent."""
    return "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'body'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)[:10]
    )
