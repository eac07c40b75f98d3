"""Job `wrong_note`: the wrong-answer note (오답 노트) of a student."""

from jobs.contract.base import Payload, Result


class WrongNotePayload(Payload):
    """Graded answers by exam."""

    enrollment_id: str


class WrongNoteResult(Result):
    """Where the note lies."""

    html_ref: str
    pdf_ref: str
    pages: int
