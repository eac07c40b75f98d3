"""Which answers are wrong, and what is told of exams and tags."""

from typing import Any

import pytest
from pydantic import ValidationError

from functions.wrong_note.grading import exam_of, is_wrong, tag_counts
from jobs.contract.wrong_note import NoteExam, NoteItem


def item(**fields: Any) -> NoteItem:
    return NoteItem.model_validate({"question_id": 1} | fields)


def exam(*items: dict[str, Any], **fields: Any) -> NoteExam:
    numbered = [{"question_id": number + 1} | each for number, each in enumerate(items)]
    return NoteExam.model_validate({"exam_id": "e", "items": numbered} | fields)


RIGHT = {"submitted": "2", "right_answer": "2"}
WRONG = {"submitted": "1", "right_answer": "2"}


@pytest.mark.parametrize(
    ("submitted", "right", "wrong"),
    [
        ("3", "3", False),
        ("③", 3, False),
        (" abc ", "ABC", False),
        (["1", "3"], ["3", "1"], False),
        (["1"], ["1", "3"], True),
        (None, "3", True),
        ("3", None, True),
        ("2", "3", True),
    ],
)
def test_answers_are_compared_where_nobody_graded(submitted: Any, right: Any, wrong: bool):
    assert is_wrong(item(submitted=submitted, right_answer=right)) is wrong


def test_a_given_grade_decides():
    assert not is_wrong(item(submitted="1", right_answer="2", correct=True))
    assert is_wrong(item(submitted="2", right_answer="2", correct=False))


def test_the_templates_name_of_the_submitted_answer_is_understood():
    assert item(answer="4").submitted == ["4"]


def test_only_wrong_answers_are_printed_and_all_are_counted():
    told = exam_of(exam(RIGHT, WRONG, RIGHT), lambda _: None)
    assert [question.number for question in told.questions] == ["2"]
    assert told.asked == 3


def test_the_number_of_questions_is_not_guessed_from_wrong_ones_alone():
    assert exam_of(exam(WRONG, WRONG), lambda _: None).asked is None


def test_the_score_needs_every_questions_points():
    points = {"points": 4}
    whole = exam_of(exam(RIGHT | points, WRONG | points), lambda _: None)
    assert (whole.score, whole.full_score) == (4, 8)
    gap = exam_of(exam(RIGHT | points, WRONG), lambda _: None)
    assert (gap.score, gap.full_score) == (None, None)


def test_earned_points_count_before_all_or_nothing():
    told = exam_of(
        exam(RIGHT | {"points": 4}, WRONG | {"points": 4, "earned": 1.5}), lambda _: None
    )
    assert told.score == 5.5


def test_tags_are_listed_from_the_most_missed():
    counts = tag_counts(
        [exam(WRONG | {"tag": "b"}, WRONG | {"tag": "a"}, WRONG | {"tag": "a"}, RIGHT)]
    )
    assert [(count.tag, count.wrong, count.asked) for count in counts] == [("a", 2, 2), ("b", 1, 1)]


def test_a_tags_rate_is_not_told_where_right_answers_are_missing():
    counts = tag_counts([exam(WRONG | {"tag": "a"}, RIGHT | {"tag": "a"}), exam(WRONG, **{})])
    assert counts[0].asked == 2
    unsure = tag_counts([exam(WRONG | {"tag": "a"}, RIGHT), exam(WRONG | {"tag": "a"})])
    assert unsure[0].asked is None


def test_a_wrong_field_is_refused():
    with pytest.raises(ValidationError):
        NoteItem.model_validate({"question_id": ""})
