"""Which answers of a payload are wrong, and what the note tells of each exam and tag."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from analysis.wrong_note.types import Exam, Picture, Question, TagCount
from jobs.contract.wrong_note import NoteExam, NoteItem

Crop = Callable[[NoteItem], Picture | None]
"""Brings an item's picture; None where there is none to be had."""


def is_wrong(item: NoteItem) -> bool:
    """Tell whether an item belongs on the note.

    `correct` decides; without it the answers are compared as sets, "③" being "3". Without a
    right answer the item is taken for wrong: it was sent to a note of wrong answers.
    """
    if item.correct is not None:
        return not item.correct
    if not item.right_answer:
        return True
    return _plain(item.submitted) != _plain(item.right_answer)


def exam_of(exam: NoteExam, crop: Crop) -> Exam:
    """Turn an exam of the payload into that of the note: its wrong answers and its score.

    The score is told if every question of the exam is there and has its points.
    """
    wrong = [item for item in exam.items if is_wrong(item)]
    asked = _asked(exam)
    worth = [item.points for item in exam.items if item.points is not None]
    known = asked is not None and asked == len(worth) == len(exam.items)
    return Exam(
        title=exam.title or f"시험 {exam.exam_id}",
        date=exam.date,
        questions=tuple(_question(item, crop(item)) for item in wrong),
        asked=asked,
        score=sum(map(_earned, exam.items)) if known else None,
        full_score=sum(worth) if known else None,
        remark=exam.remark,
    )


def tag_counts(exams: Sequence[NoteExam]) -> tuple[TagCount, ...]:
    """Count each tag with a wrong answer, the most often missed first."""
    wrong: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    unsure: set[str] = set()
    for exam in exams:
        tagged = [item for item in exam.items if item.tag]
        asked.update(item.tag for item in tagged)
        wrong.update(item.tag for item in tagged if is_wrong(item))
        if _asked(exam) != len(exam.items):
            unsure.update(item.tag for item in tagged)
    counts = [
        TagCount(tag, count, None if tag in unsure else asked[tag]) for tag, count in wrong.items()
    ]
    return tuple(sorted(counts, key=lambda count: (-count.wrong, count.tag)))


def _asked(exam: NoteExam) -> int | None:
    """How many questions an exam had; None where only its wrong answers may have been sent."""
    if exam.question_count:
        return exam.question_count
    return len(exam.items) if any(not is_wrong(item) for item in exam.items) else None


def _earned(item: NoteItem) -> float:
    if item.earned is not None:
        return item.earned
    return 0.0 if is_wrong(item) else item.points or 0.0


def _question(item: NoteItem, picture: Picture | None) -> Question:
    return Question(
        number=item.question_id,
        submitted=tuple(item.submitted),
        answers=tuple(item.right_answer),
        text=item.text,
        choices=tuple(item.choices),
        multiple_choice=item.multiple_choice,
        picture=picture,
        picture_lost=item.crop_url is not None and picture is None,
        explanation=item.explanation,
        tag=item.tag,
        points=item.points,
        remark=item.remark,
    )


def _plain(answers: list[str]) -> set[str]:
    """Fold "③", "3" and " 3 " together: NFKC turns a circled number into its digits."""
    return {
        " ".join(unicodedata.normalize("NFKC", answer).casefold().split()) for answer in answers
    }
