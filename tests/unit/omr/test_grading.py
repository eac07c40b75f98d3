"""Points against a key."""

import pytest

from analysis.omr.decision import Decision, Status
from analysis.omr.grading import Key, grade


def read(*detected: str, status: Status = Status.OK, reason: str = "") -> Decision:
    return Decision(detected, status, 0.9, reason, ())


MANY = {"status": Status.AMBIGUOUS, "reason": "several_marks"}


@pytest.mark.parametrize(
    ("answer", "key", "policy", "correct", "earned"),
    [
        (read("3"), ("3",), "review", True, 4.0),
        (read("2"), ("3",), "review", False, 0.0),
        (read(status=Status.BLANK), ("3",), "review", False, 0.0),
        (read("3", status=Status.LOW_CONFIDENCE), ("3",), "review", None, 0.0),
        (read(status=Status.ERROR), ("3",), "wrong", None, 0.0),
        (read("2", "3", **MANY), ("3",), "review", None, 0.0),
        (read("2", "3", **MANY), ("3",), "wrong", False, 0.0),
        (read("2", "3", **MANY), ("2", "3"), "partial", True, 4.0),
        (read("2", "3", **MANY), ("2", "4"), "partial", False, 0.0),
        (read("2", "3", **MANY), ("2", "3", "4", "5"), "partial", False, 2.0),
    ],
)
def test_an_answer_earns_what_its_policy_says(
    answer: Decision, key: tuple[str, ...], policy: str, correct: bool | None, earned: float
) -> None:
    (item,) = grade({7: answer}, {7: Key(key, 4.0)}, policy)
    assert (item.correct, item.earned) == (correct, earned)


def test_a_question_the_sheet_has_not_is_left_to_a_person() -> None:
    (item,) = grade({}, {99: Key(("1",), 2.0)}, "wrong")
    assert item.correct is None
