"""From a graded answer sheet to the note of its own wrong answers."""

from collections.abc import Iterable

from jobs.contract.omr import AnswerKeyItem, OmrGrade, OmrGradeItem, OmrIdentifier
from jobs.contract.wrong_note import NoteExam, NoteItem, WrongNotePayload

UNKNOWN_STUDENT = "번호 미확인"


def note_of_sheet(
    grade: OmrGrade,
    identifier: OmrIdentifier | None,
    key: Iterable[AnswerKeyItem],
    exam_title: str = "",
) -> WrongNotePayload:
    """Make the payload of a note from one sheet's grade; tags and explanations are the key's.

    Questions a person must still decide are no wrong answers: they are named above the list and
    left out, and so is the score until they are decided. An identifier in doubt is printed with
    `?` for its doubtful digits.
    """
    pending = [str(item.question_id) for item in grade.items if item.correct is None]
    about = {item.question_id: item for item in key}
    exam = NoteExam(
        exam_id="omr",
        title=exam_title[:128] or "답안지 채점",
        question_count=len(grade.items) or None,
        items=[
            _item(item, about.get(item.question_id))
            for item in grade.items
            if item.correct is not None
        ],
        remark=_pending_remark(pending),
    )
    return WrongNotePayload(enrollment_id=_student(identifier), exams=[exam])


def _item(item: OmrGradeItem, about: AnswerKeyItem | None) -> NoteItem:
    return NoteItem(
        question_id=str(item.question_id),
        submitted=item.submitted,
        right_answer=item.answer,
        correct=item.correct,
        points=item.points,
        earned=item.earned,
        multiple_choice=True,
        tag=about.tag if about else "",
        explanation=about.explanation if about else "",
        remark="두 곳 이상에 마킹되었습니다." if len(item.submitted) > len(item.answer) else "",
    )


def _pending_remark(pending: list[str]) -> str:
    if not pending:
        return ""
    named = ", ".join(f"{number}번" for number in pending[:20])
    more = f" 외 {len(pending) - 20}문항" if len(pending) > 20 else ""
    return f"채점 보류 {len(pending)}문항(선생님 확인 필요): {named}{more}"


def _student(identifier: OmrIdentifier | None) -> str:
    if identifier is None:
        return UNKNOWN_STUDENT
    return identifier.identifier or identifier.raw_identifier or UNKNOWN_STUDENT
