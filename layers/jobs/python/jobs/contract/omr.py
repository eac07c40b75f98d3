"""Job `omr_grading`: the marks on an answer sheet, and, with a key, the score."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from jobs.contract.base import Box, DownloadUrl, Payload, Result, Score
from jobs.contract.wrong_note import Body, Name, WrongNoteResult

QUESTION_COUNTS = (10, 20, 30)
"""Questions of the sheets that the API serves templates of."""


class AnswerKeyItem(Payload):
    """The right answer of one question; `tag` and `explanation` go on the wrong-answer note."""

    question_id: int | str
    answer: Annotated[list[str], Field(min_length=1, max_length=20)]
    points: Annotated[float, Field(ge=0, le=1000)] = 1.0
    tag: Name = ""
    explanation: Body = ""


class OmrPayload(Payload):
    """A sheet, and one of `template_meta`, `question_count` (asks the API) or `questions`.

    A batch of mixed pages may bring `template_metas`: each page is read with the one its QR
    names. With `question_count`, a page whose QR names another of the API's sheets is read as
    that. `answer_key` then counts for each page.

    `multi_policy` says what a question with several marks is worth: nothing, the share of right
    marks, or a person's decision. `roster` lists 8-digit identifiers; it suggests, never decides.
    `wrong_note` asks for a note of the wrong answers (needs `answer_key`), headed `exam_title`.
    `template_fetch` of older producers is accepted and ignored: where the API lies and how to
    log in is configuration, never payload.
    """

    download_url: DownloadUrl
    mode: Literal["scan", "photo", "auto"] = "auto"
    question_count: Literal[10, 20, 30] | None = None
    template_meta: dict[str, Any] | None = None
    template_metas: Annotated[list[dict[str, Any]], Field(max_length=20)] | None = None
    questions: Annotated[list[dict[str, Any]], Field(max_length=300)] | None = None
    answer_key: Annotated[list[AnswerKeyItem], Field(max_length=300)] | None = None
    multi_policy: Literal["wrong", "partial", "review"] = "review"
    roster: Annotated[list[str], Field(max_length=20_000)] | None = None
    wrong_note: bool = False
    exam_title: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _has_a_template(self) -> "OmrPayload":
        given = self.template_meta or self.template_metas
        if not (given or self.question_count or self.questions):
            raise ValueError("one of template_meta, question_count (10|20|30), questions is needed")
        return self

    @model_validator(mode="after")
    def _note_has_a_key(self) -> "OmrPayload":
        if self.wrong_note and not self.answer_key:
            raise ValueError("wrong_note needs answer_key: without it no answer is wrong")
        return self


class OmrChoice(Result):
    """One bubble; `ink` mean ink in it, `dark` its 95th percentile, `ring` around it, all 0-1."""

    label: str
    mark: str = Field(serialization_alias="class")
    ink: Score
    dark: Score
    ring: Score


class OmrRaw(Result):
    """Why an answer is what it is; `crop_px` frames the row in the picture."""

    reason: str
    choices: list[OmrChoice]
    crop_px: Box | None = None


class OmrAnswer(Result):
    """One question as read; a status other than ok and blank asks for a person's look."""

    version: Literal["v1"] = "v1"
    question_id: int | str
    detected: list[str]
    marking: Literal["blank", "single", "multi"]
    confidence: Score
    status: Literal["ok", "blank", "ambiguous", "low_confidence", "error"]
    raw: OmrRaw | None = None


class OmrDigit(Result):
    """One column of the identifier; `value` None unless it is sure."""

    digit_index: int
    value: int | None
    status: Literal["ok", "blank", "ambiguous", "low_confidence", "error"]
    confidence: Score
    marks: list[dict[str, Any]] = []


class OmrIdentifier(Result):
    """The student's number; `raw_identifier` has `?` for digits in doubt.

    `suggestion` is the one entry of the roster that agrees with all sure digits, if there is one.
    """

    identifier: str | None
    raw_identifier: str
    status: Literal["ok", "ambiguous", "blank", "error"]
    confidence: Score
    digits: list[OmrDigit]
    suggestion: str | None = None


class OmrSheetStatus(Result):
    """`rejected` means that nothing was read; `messages` tell a teacher why, in two languages."""

    status: Literal["ok", "needs_review", "rejected"]
    reasons: list[str]
    template_id: str = ""
    messages: list[dict[str, str]] = []


class OmrRegistration(Result):
    """The proof of fit; `rotation` in degrees, lengths in mm, `px_per_mm` of the picture."""

    method: Literal["aruco", "page", "bubbles", "frame"]
    rotation: int
    matched: Score
    residual_mm: float
    curl_mm: float
    px_per_mm: float


class OmrQuality(Result):
    """Of the picture; `blur` is the share of sharpness kept, `cut` the edges that are missing."""

    blur: float
    contrast: Score
    glare: Score
    bilevel: bool
    cut: list[str]
    megapixels: float


class OmrReviewItem(Result):
    """One doubt for a person; `crop` is a picture of the row, `suggest` the best guess."""

    kind: Literal["question", "identifier"]
    question_id: int | str | None = None
    digit_index: int | None = None
    reason: str
    suggest: list[str]
    crop: str | None = None


class OmrGradeItem(Result):
    """One question against the key; `correct` None where a person must decide."""

    question_id: int | str
    submitted: list[str]
    answer: list[str]
    correct: bool | None
    points: float
    earned: float


class OmrGrade(Result):
    """The score so far; `undecided` questions count nothing until a person has decided."""

    score: float
    total: float
    undecided: int
    items: list[OmrGradeItem]


class OmrPage(Result):
    """One page of a document of several sheets."""

    page: int
    sheet: OmrSheetStatus
    aligned: bool
    identifier: OmrIdentifier | None
    answers: list[OmrAnswer]
    registration: OmrRegistration | None
    quality: OmrQuality
    review: list[OmrReviewItem]
    grade: OmrGrade | None = None
    audit: dict[str, str] | None = None
    wrong_note: WrongNoteResult | None = None


class OmrResult(Result):
    """The first sheet's reading at the top level, as ever; all sheets in `pages` if several."""

    version: Literal["v1"] = "v1"
    mode: str
    aligned: bool
    identifier: OmrIdentifier | None
    answers: list[OmrAnswer]
    meta_used: bool
    sheet: OmrSheetStatus
    registration: OmrRegistration | None
    quality: OmrQuality
    review: list[OmrReviewItem]
    grade: OmrGrade | None = None
    audit: dict[str, str] | None = None
    wrong_note: WrongNoteResult | None = None
    pages: list[OmrPage] = []
    debug: dict[str, Any] = {}
