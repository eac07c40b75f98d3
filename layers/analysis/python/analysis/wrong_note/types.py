"""What a wrong-answer note holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of `width` x `height` px; `print_width` is how wide it is printed, in mm."""

    data: bytes
    width: int
    height: int
    print_width: float


@dataclass(frozen=True, slots=True)
class Question:
    """A question answered wrongly; texts may hold LaTeX between `$` signs.

    `submitted` and `answers` are empty where nothing was given or is known. `picture_lost` tells
    that there should be a picture and is none. `points` is what the question was worth.
    """

    number: str
    submitted: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    text: str = ""
    choices: tuple[str, ...] = ()
    multiple_choice: bool = False
    picture: Picture | None = None
    picture_lost: bool = False
    explanation: str = ""
    tag: str = ""
    points: float | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Exam:
    """The wrong answers of one exam; `asked` counts its questions, None where unknown.

    `score` and `full_score` are points, None where a question's points are unknown.
    """

    title: str
    date: str
    questions: tuple[Question, ...]
    asked: int | None = None
    score: float | None = None
    full_score: float | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class TagCount:
    """How often a tag was answered wrongly, of how many times `asked` (None where unknown)."""

    tag: str
    wrong: int
    asked: int | None


@dataclass(frozen=True, slots=True)
class Note:
    """One student's note; `solve_space` in mm."""

    title: str
    student: str
    created: str
    exams: tuple[Exam, ...]
    tags: tuple[TagCount, ...] = ()
    answers: Literal["beside", "end"] = "beside"
    solve_space: float = 42.0

    def questions(self) -> Iterator[Question]:
        """All questions in order."""
        for exam in self.exams:
            yield from exam.questions
