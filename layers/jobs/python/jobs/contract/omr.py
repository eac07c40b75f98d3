"""Job `omr_grading`: the marks on an answer sheet."""

from typing import Any, Literal

from jobs.contract.base import DownloadUrl, Payload, Result


class OmrPayload(Payload):
    """`template_meta`, or `question_count` to fetch it from the API, or legacy `questions`."""

    download_url: DownloadUrl
    mode: Literal["scan", "photo", "auto"] = "auto"
    question_count: Literal[10, 20, 30] | None = None
    template_meta: dict[str, Any] | None = None
    questions: list[dict[str, Any]] | None = None


class OmrAnswer(Result):
    """One question as read; `status` other than ok and blank asks for a look."""

    version: Literal["v1"] = "v1"
    question_id: int
    detected: list[str]
    marking: Literal["blank", "single", "multi"]
    confidence: float
    status: Literal["ok", "blank", "ambiguous", "low_confidence", "error"]
    raw: dict[str, Any] | None = None


class OmrResult(Result):
    """The sheet as read."""

    version: Literal["v1"] = "v1"
    mode: str
    aligned: bool
    identifier: dict[str, Any] | None
    answers: list[OmrAnswer]
    meta_used: bool
    debug: dict[str, Any] = {}
