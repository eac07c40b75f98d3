"""Job `wrong_note`: a student's wrong answers as a note to solve again."""

from functions.wrong_note.answer import write_note
from jobs.contract.message import JobType
from jobs.contract.wrong_note import WrongNotePayload, WrongNoteResult
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: WrongNotePayload, workspace: Workspace) -> WrongNoteResult:
    """Write the note as HTML and PDF."""
    return write_note(payload, workspace)


handler = job_handler(JobType.WRONG_NOTE, run)
