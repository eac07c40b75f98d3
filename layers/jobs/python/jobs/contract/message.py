"""The message on the queues, the names of tiers and job types, and the post to the API."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

from jobs.contract.base import Result


class Tier(StrEnum):
    """The customer's plan; it is the ingress queue's, never the message's."""

    LITE = "lite"
    BASIC = "basic"
    PREMIUM = "premium"


class JobType(StrEnum):
    """What can be asked for."""

    OCR = "ocr"
    OMR_GRADING = "omr_grading"
    QUESTION_SEGMENTATION = "question_segmentation"
    HANDWRITING_ANALYSIS = "handwriting_analysis"
    EMBEDDING = "embedding"
    PROBLEM_GENERATION = "problem_generation"
    HOMEWORK_VIDEO_ANALYSIS = "homework_video_analysis"
    WRONG_NOTE = "wrong_note"


JobId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,127}$")]
"""Letters, digits and `_ . : -`, at most 128: safe in keys, names and logs."""


ShortText = Annotated[str, StringConstraints(max_length=128)]
"""What goes into the row as it came: bounded, as a row holds 400 KB."""


class JobMessage(BaseModel):
    """One job as the API sends it to an ingress queue.

    `job_type` and `tier` stay plain texts here: an unknown one is a recorded failure the API
    hears about, not an unreadable message.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    job_id: JobId
    job_type: str = ""
    tier: str | None = None
    payload: dict[str, Any] = {}
    source_id: ShortText | None = None
    created_at: ShortText | None = None

    @field_validator("job_id", "source_id", "created_at", mode="before")
    @classmethod
    def _number_as_text(cls, value: object) -> object:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return str(value) if number else value


class WorkMessage(BaseModel):
    """What `admit` puts on a work queue: the row is the truth, the message only points at it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    job_id: JobId
    generation: int = 1


class ApiResult(Result):
    """The body of `POST /api/v1/internal/ai/job/result/`."""

    job_id: str
    submission_id: int | None
    status: Literal["done", "failed"]
    result: dict[str, Any] | None
    error: str | None
    error_code: str | None = None
    result_url: str | None = None
    generation: int = 1
