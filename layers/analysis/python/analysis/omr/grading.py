"""Answers against a key: points, and honesty about what a person must still decide."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.omr.decision import Decision, Status


@dataclass(frozen=True, slots=True)
class Key:
    """The right labels of one question and what it is worth."""

    answer: tuple[str, ...]
    points: float


@dataclass(frozen=True, slots=True)
class Graded:
    """One question; `correct` None and `earned` 0 where a person must decide."""

    question_id: int | str
    submitted: tuple[str, ...]
    answer: tuple[str, ...]
    correct: bool | None
    points: float
    earned: float


def grade(
    answers: Mapping[int | str, Decision], key: Mapping[int | str, Key], multi_policy: str
) -> tuple[Graded, ...]:
    """Grade every question of the key, in its order.

    `multi_policy`: a question with more marks than its key has labels is `wrong`, worth the
    `partial` share of right marks less wrong ones, or left to a person (`review`).
    """
    return tuple(
        _graded(question_id, answers.get(question_id), item, multi_policy)
        for question_id, item in key.items()
    )


def _graded(question_id: int | str, read: Decision | None, key: Key, multi_policy: str) -> Graded:
    submitted = read.detected if read else ()

    def outcome(correct: bool | None, share: float) -> Graded:
        earned = round(key.points * share, 4)
        return Graded(question_id, submitted, key.answer, correct, key.points, earned)

    if read is None:
        return outcome(None, 0.0)
    several = read.status is Status.AMBIGUOUS and read.reason == "several_marks"
    if several and multi_policy == "wrong":
        return outcome(False, 0.0)
    if several and multi_policy == "partial":
        right = len(set(submitted) & set(key.answer))
        share = max(0.0, (right - (len(submitted) - right)) / len(key.answer))
        return outcome(share == 1.0, share)
    if read.status not in (Status.OK, Status.BLANK):
        return outcome(None, 0.0)
    correct = set(submitted) == set(key.answer)
    return outcome(correct, float(correct))
