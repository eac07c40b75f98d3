"""Job `wrong_note`: the wrong-answer note (오답 노트) of a student, as HTML and PDF."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, StringConstraints

from jobs.contract.base import DownloadUrl, Payload, Result


def _as_text(value: object) -> object:
    """Take a number for its text: ids and answers come as either."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_answers(value: object) -> object:
    """Take one answer for a list of one, nothing or an empty text for none."""
    if value is None or value == "":
        return []
    parts = value if isinstance(value, list | tuple) else [value]
    return [_as_text(part) for part in parts]


Name = Annotated[
    str,
    BeforeValidator(_as_text, json_schema_input_type=str | int | float),
    StringConstraints(strip_whitespace=True, max_length=128),
]
"""An id, a name or a heading; a number is taken as its text."""

Body = Annotated[str, StringConstraints(max_length=5_000)]
"""A text of the exam; `$…$` and `\\(…\\)` hold LaTeX."""

Answers = Annotated[
    list[Body],
    BeforeValidator(
        _as_answers, json_schema_input_type=list[str | int | float] | str | int | float | None
    ),
    Field(max_length=20),
]
"""Answers to one question: a text, a number or a list of them; none is an empty list or null."""


Points = Annotated[float, Field(ge=0, le=10_000)]

Remark = Annotated[str, StringConstraints(max_length=300)]
"""A short line printed in small type."""


class NoteItem(Payload):
    """One graded question.

    `submitted` is what the student gave (`answer`, the name templates know it by, is taken too),
    `right_answer` what would have been right. `correct` None compares the two. Correct items
    are counted, not printed. `crop_url` is a picture of the question, printed instead of `text`
    and `choices` (both are printed if it is missing). A choice is named by its number from 1;
    `multiple_choice` says that answers are such numbers where `choices` are not given. `points`
    is what the question is worth, `earned` what was given for it (None: all or nothing).
    """

    model_config = ConfigDict(populate_by_name=True)

    question_id: Annotated[Name, StringConstraints(min_length=1)]
    submitted: Annotated[Answers, Field(validation_alias=AliasChoices("submitted", "answer"))] = []
    right_answer: Answers = []
    correct: bool | None = None
    points: Points | None = None
    earned: Points | None = None
    tag: Name = ""
    text: Body = ""
    choices: Annotated[list[Body], Field(max_length=20)] = []
    multiple_choice: bool = False
    crop_url: DownloadUrl | None = None
    explanation: Body = ""
    remark: Remark = ""


class NoteExam(Payload):
    """One exam's questions, the right ones too if rate and score are to be told.

    `date` is printed as it comes. `question_count` is how many questions the exam had; without
    it the items are taken for all of them if any is correct.
    """

    exam_id: Annotated[Name, StringConstraints(min_length=1)]
    title: Name = ""
    date: Name = ""
    question_count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    remark: Remark = ""
    items: Annotated[list[NoteItem], Field(max_length=300)]


class WrongNotePayload(Payload):
    """Graded answers by exam: 50 exams of 300 questions at most, 300 wrong ones in all.

    `created_at` is printed as it comes; without it the day of the run in Korea. `answers` says
    where right answers and explanations stand: `beside` each question, or at the `end`, so that
    it can be solved again unseen. `solve_space` is the height in mm left for that.
    """

    enrollment_id: Annotated[Name, StringConstraints(min_length=1)]
    student_name: Name = ""
    title: Name = "오답 노트"
    created_at: Name = ""
    exams: Annotated[list[NoteExam], Field(min_length=1, max_length=50)]
    answers: Literal["beside", "end"] = "beside"
    solve_space: Annotated[float, Field(ge=0, le=200)] = 42.0


class NoteTag(Result):
    """One tag's line of the summary.

    `asked` counts all its questions, None where an exam came without its right answers.
    """

    tag: str
    wrong: int
    asked: int | None


class WrongNoteResult(Result):
    """Where the note lies, and what could not be printed as it was sent.

    `pages` counts those of the PDF, `questions` the wrong answers on them. `missing_crops` are
    the question ids whose picture could not be had (expired, broken), `unread_formulas` counts
    formulas printed as their LaTeX source, `unprintable` lists the signs no font has, printed
    as 〓.
    """

    html_ref: str
    pdf_ref: str
    pages: int
    questions: int = 0
    tags: list[NoteTag] = []
    missing_crops: list[str] = []
    unread_formulas: int = 0
    unprintable: list[str] = []
