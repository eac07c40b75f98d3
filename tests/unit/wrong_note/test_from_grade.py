"""From a graded answer sheet to the note of its wrong answers."""

import pytest
from pydantic import ValidationError

from functions.wrong_note.from_grade import UNKNOWN_STUDENT, note_of_sheet
from functions.wrong_note.grading import exam_of
from jobs.contract.omr import AnswerKeyItem, OmrGrade, OmrGradeItem, OmrIdentifier, OmrPayload


def graded(number: int, submitted: list[str], correct: bool | None) -> OmrGradeItem:
    return OmrGradeItem(
        question_id=number,
        submitted=submitted,
        answer=["3"],
        correct=correct,
        points=4,
        earned=4 if correct else 0,
    )


def grade(*items: OmrGradeItem) -> OmrGrade:
    return OmrGrade(
        score=sum(item.earned for item in items),
        total=sum(item.points for item in items),
        undecided=sum(item.correct is None for item in items),
        items=list(items),
    )


def student(identifier: str | None, raw: str) -> OmrIdentifier:
    status = "ok" if identifier else "ambiguous"
    return OmrIdentifier(
        identifier=identifier, raw_identifier=raw, status=status, confidence=0.9, digits=[]
    )


SHEET = grade(graded(1, ["3"], True), graded(2, ["1"], False), graded(3, ["2", "3"], None))


def test_only_decided_wrong_answers_are_on_the_note():
    note = note_of_sheet(SHEET, student("20318001", "20318001"), [])
    told = exam_of(note.exams[0], lambda _: None)
    assert [question.number for question in told.questions] == ["2"]
    assert told.questions[0].submitted == ("1",)
    assert told.questions[0].answers == ("3",)
    assert told.asked == 3


def test_undecided_questions_are_named_and_keep_the_score_open():
    told = exam_of(note_of_sheet(SHEET, None, []).exams[0], lambda _: None)
    assert "3번" in told.remark
    assert told.score is None


def test_a_decided_sheet_has_its_score():
    sheet = grade(graded(1, ["3"], True), graded(2, ["1"], False))
    told = exam_of(note_of_sheet(sheet, None, []).exams[0], lambda _: None)
    assert (told.score, told.full_score) == (4, 8)


@pytest.mark.parametrize(
    ("identifier", "printed"),
    [
        (student("20318001", "20318001"), "20318001"),
        (student(None, "2031?001"), "2031?001"),
        (None, UNKNOWN_STUDENT),
    ],
)
def test_a_doubtful_student_number_shows_its_doubt(identifier: OmrIdentifier, printed: str):
    assert note_of_sheet(SHEET, identifier, []).enrollment_id == printed


def test_tags_and_explanations_come_from_the_key():
    key = [AnswerKeyItem(question_id=2, answer=["3"], tag="문법", explanation="까닭")]
    wrong = note_of_sheet(SHEET, None, key, "3월 평가").exams[0].items[1]
    assert (wrong.tag, wrong.explanation) == ("문법", "까닭")


def test_a_note_without_a_key_is_refused():
    with pytest.raises(ValidationError, match="answer_key"):
        OmrPayload(download_url="https://x.example/a", question_count=10, wrong_note=True)
