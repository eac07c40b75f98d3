"""From payload to result: crops in, HTML and PDF out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from analysis.image import read_image
from analysis.wrong_note.page import Page, page
from analysis.wrong_note.pdf import Pdf, pdf
from analysis.wrong_note.picture import printable
from analysis.wrong_note.types import Note, Picture
from faults import Code, Permanent, Transient
from functions.wrong_note.grading import exam_of, is_wrong, tag_counts
from jobs.contract.wrong_note import NoteItem, NoteTag, WrongNotePayload, WrongNoteResult
from jobs.workspace import FileKind, Workspace

MAX_QUESTIONS = 300
"""Wrong answers on one note: 150 pages; with four drawn formulas each 25 s of CPU and 380 MB."""

RENDER_SECONDS = 20.0
"""s kept free for writing the note while crops are fetched."""

HTML_TYPE = "text/html; charset=utf-8"

KOREA = timezone(timedelta(hours=9))
"""Korea has no summer time."""


def write_note(
    payload: WrongNotePayload, workspace: Workspace, folder: str = ""
) -> WrongNoteResult:
    """Write one note; its files are kept under `folder`, like `p0/`.

    A crop that cannot be had for good is left out and named in the result; a transient failure
    is raised, as the next attempt may have it.
    """
    crops = _Crops(workspace)
    note = _note(payload, crops)
    written, printed, unprintable = _set(note)
    return WrongNoteResult(
        html_ref=workspace.put(f"{folder}wrong-note.html", written.html.encode(), HTML_TYPE),
        pdf_ref=workspace.put(f"{folder}wrong-note.pdf", printed.data, "application/pdf"),
        pages=printed.pages,
        questions=sum(1 for _ in note.questions()),
        tags=[NoteTag(tag=tag.tag, wrong=tag.wrong, asked=tag.asked) for tag in note.tags],
        missing_crops=crops.missing,
        unread_formulas=written.unread,
        unprintable=list(unprintable),
    )


class _Crops:
    """Brings the pictures of questions, one in memory at a time, and remembers the missing."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.missing: list[str] = []

    def __call__(self, item: NoteItem) -> Picture | None:
        if item.crop_url is None:
            return None
        if self._workspace.remaining() < RENDER_SECONDS:
            raise Transient(Code.OUT_OF_TIME, "fetching the crops took too long; send fewer")
        try:
            path = self._workspace.fetch(item.crop_url, FileKind.IMAGE)
            return printable(read_image(path))
        except Permanent:
            self.missing.append(item.question_id)
            return None


def _note(payload: WrongNotePayload, crops: _Crops) -> Note:
    wrong = sum(is_wrong(item) for exam in payload.exams for item in exam.items)
    if wrong > MAX_QUESTIONS:
        raise Permanent(
            Code.PAYLOAD_INVALID,
            f"exams: {wrong} wrong answers; a note holds {MAX_QUESTIONS}, split it by exam",
        )
    return Note(
        title=payload.title or "오답 노트",
        student=_student(payload),
        created=payload.created_at or f"{datetime.now(UTC).astimezone(KOREA):%Y-%m-%d}",
        exams=tuple(exam_of(exam, crops) for exam in payload.exams),
        tags=tag_counts(payload.exams),
        answers=payload.answers,
        solve_space=payload.solve_space,
    )


def _student(payload: WrongNotePayload) -> str:
    if payload.student_name:
        return f"{payload.student_name} ({payload.enrollment_id})"
    return payload.enrollment_id


def _set(note: Note) -> tuple[Page, Pdf, tuple[str, ...]]:
    """Set the note; signs no font has are replaced by 〓, printers' sign for a missing type."""
    written = page(note)
    printed = pdf(written.html)
    missing = printed.missing
    if missing:
        html = written.html.translate({ord(sign): "〓" for sign in missing})
        written = replace(written, html=html)
        printed = pdf(html)
    return written, printed, missing
