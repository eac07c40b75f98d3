"""From a payload of `omr_grading` to its result."""

import hashlib

import cv2

from analysis.image import Image, read_pages
from analysis.omr.audit import audit_picture, crop, crop_box
from analysis.omr.decision import Decision, Status
from analysis.omr.grading import Key, grade
from analysis.omr.quality import MESSAGES, Quality, assess
from analysis.omr.reader import UNREAD, Sheet, read_sheet
from analysis.omr.template import Choice, Template
from functions.omr_grading.identifier import identifier_of
from functions.omr_grading.template_source import SOURCE
from functions.wrong_note.answer import write_note
from functions.wrong_note.from_grade import note_of_sheet
from jobs.contract.omr import (
    OmrAnswer,
    OmrChoice,
    OmrGrade,
    OmrGradeItem,
    OmrIdentifier,
    OmrPage,
    OmrPayload,
    OmrQuality,
    OmrRaw,
    OmrRegistration,
    OmrResult,
    OmrReviewItem,
    OmrSheetStatus,
)
from jobs.contract.wrong_note import WrongNoteResult
from jobs.workspace import FileKind, Workspace

MAX_CROPS = 40
"""Crops kept of one sheet; a sheet with more doubts is looked at as a whole."""


def read(payload: OmrPayload, workspace: Workspace) -> OmrResult:
    """Fetch the file and read its sheets, one page at a time."""
    path = workspace.fetch(payload.download_url, FileKind.IMAGE)
    pages = [_page(page.index, page.image, payload, workspace) for page in read_pages(path)]
    first = pages[0]
    return OmrResult(
        mode="legacy_questions" if payload.questions and not _has_meta(payload) else payload.mode,
        meta_used=_has_meta(payload),
        pages=pages if len(pages) > 1 else [],
        debug={"meta_fetch_error": None},
        **{name: getattr(first, name) for name in OmrPage.model_fields if name != "page"},
    )


def _has_meta(payload: OmrPayload) -> bool:
    given = payload.template_meta is not None or payload.template_metas
    return bool(given) or payload.question_count is not None


def _page(index: int, image: Image, payload: OmrPayload, workspace: Workspace) -> OmrPage:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    template, doubt = SOURCE.of(payload, grey)
    sheet = UNREAD if doubt == "wrong_form" else read_sheet(image, template)
    quality = assess(grey, sheet.registration, template)
    review = [] if sheet.rejected else _review(index, image, sheet, template, workspace)
    identifier = identifier_of(sheet, template, payload.roster or [])
    graded = _grade(sheet, template, payload)
    return OmrPage(
        page=index,
        sheet=_status(sheet, quality, template, review, doubt),
        aligned=not sheet.rejected,
        identifier=identifier,
        answers=_answers(sheet, template),
        registration=_registration(sheet),
        quality=_quality(quality, sheet),
        review=review,
        grade=graded,
        audit=None if sheet.rejected else _audit(index, image, sheet, template, workspace),
        wrong_note=_wrong_note(index, payload, graded, identifier, workspace),
    )


def _status(
    sheet: Sheet,
    quality: Quality,
    template: Template,
    review: list[OmrReviewItem],
    doubt: str | None,
) -> OmrSheetStatus:
    doubts = [
        f"{item.reason}:{'q' if item.kind == 'question' else 'd'}"
        f"{item.question_id if item.kind == 'question' else item.digit_index}"
        for item in review
    ]
    verdicts = [verdict.value for verdict in quality.verdicts]
    if doubt and doubt not in verdicts:
        doubts.append(doubt)
    status = "rejected" if sheet.rejected else "needs_review" if doubts or verdicts else "ok"
    return OmrSheetStatus(
        status=status,
        reasons=verdicts + doubts,
        template_id=template.template_id,
        messages=[
            {"code": verdict.value, "ko": MESSAGES[verdict][0], "en": MESSAGES[verdict][1]}
            for verdict in quality.verdicts
        ],
    )


def _answers(sheet: Sheet, template: Template) -> list[OmrAnswer]:
    return [
        OmrAnswer(
            question_id=question.question_id,
            detected=list(read.detected),
            marking=_marking(read),
            confidence=read.confidence,
            status=read.status.value,
            raw=_raw(read, question.choices, sheet, template),
        )
        for question, read in zip(template.questions, sheet.answers, strict=False)
    ]


def _marking(read: Decision) -> str:
    return ("blank", "single", "multi")[min(2, len(read.detected))]


def _raw(read: Decision, choices: tuple[Choice, ...], sheet: Sheet, template: Template) -> OmrRaw:
    assert sheet.registration is not None  # noqa: S101 - there are answers
    return OmrRaw(
        reason=read.reason,
        choices=[
            OmrChoice(
                label=bubble.label,
                mark=bubble.mark.value,
                ink=round(bubble.ink, 4),
                dark=round(bubble.dark, 4),
                ring=round(bubble.ring, 4),
            )
            for bubble in read.bubbles
        ],
        crop_px=list(crop_box(choices, sheet.registration.sheet_map, template)),
    )


def _registration(sheet: Sheet) -> OmrRegistration | None:
    found = sheet.registration
    if found is None:
        return None
    return OmrRegistration(
        method=found.method,
        rotation=found.rotation,
        matched=round(found.matched, 4),
        residual_mm=round(min(found.residual_mm, 999.0), 4),
        curl_mm=round(found.curl_mm, 3),
        px_per_mm=round(found.sheet_map.pixels_per_mm(), 3),
    )


def _quality(quality: Quality, sheet: Sheet) -> OmrQuality:
    return OmrQuality(
        blur=quality.blur,
        contrast=quality.contrast,
        glare=quality.glare,
        bilevel=sheet.bilevel,
        cut=list(quality.cut),
        megapixels=quality.megapixels,
    )


def _review(
    page: int, image: Image, sheet: Sheet, template: Template, workspace: Workspace
) -> list[OmrReviewItem]:
    assert sheet.registration is not None  # noqa: S101 - only accepted sheets are reviewed
    sheet_map = sheet.registration.sheet_map
    items: list[OmrReviewItem] = []

    def picture(choices: tuple[Choice, ...], name: str) -> str | None:
        if len(items) >= MAX_CROPS:
            return None
        data = crop(image, choices, sheet_map, template)
        return workspace.put(f"p{page}/crops/{name}.jpg", data, "image/jpeg")

    for question, read in zip(template.questions, sheet.answers, strict=True):
        if read.status not in (Status.OK, Status.BLANK):
            items.append(
                OmrReviewItem(
                    kind="question",
                    question_id=question.question_id,
                    reason=read.reason,
                    suggest=list(read.detected),
                    crop=picture(question.choices, f"q{question.question_id}"),
                )
            )
    digits = sheet.identifier.digits if sheet.identifier else ()
    for digit, read in zip(template.digits, digits, strict=True):
        if read.status is not Status.OK:
            items.append(
                OmrReviewItem(
                    kind="identifier",
                    digit_index=digit.digit_index,
                    reason=read.reason or "blank",
                    suggest=list(read.detected),
                    crop=picture(digit.choices, f"d{digit.digit_index}"),
                )
            )
    return items


def _audit(
    page: int, image: Image, sheet: Sheet, template: Template, workspace: Workspace
) -> dict[str, str]:
    data = audit_picture(image, sheet, template)
    reference = workspace.put(f"p{page}/audit.jpg", data, "image/jpeg")
    return {"image": reference, "sha256": hashlib.sha256(data).hexdigest()}


def _wrong_note(
    page: int,
    payload: OmrPayload,
    graded: OmrGrade | None,
    identifier: OmrIdentifier | None,
    workspace: Workspace,
) -> WrongNoteResult | None:
    if not payload.wrong_note or graded is None:
        return None
    note = note_of_sheet(graded, identifier, payload.answer_key or [], payload.exam_title)
    return write_note(note, workspace, folder=f"p{page}/")


def _grade(sheet: Sheet, template: Template, payload: OmrPayload) -> OmrGrade | None:
    if payload.answer_key is None or sheet.rejected:
        return None
    ids = [question.question_id for question in template.questions]
    answers = dict(zip(ids, sheet.answers, strict=True))
    key = {item.question_id: Key(tuple(item.answer), item.points) for item in payload.answer_key}
    items = grade(answers, key, payload.multi_policy)
    return OmrGrade(
        score=round(sum(item.earned for item in items), 4),
        total=round(sum(item.points for item in items), 4),
        undecided=sum(item.correct is None for item in items),
        items=[
            OmrGradeItem(
                question_id=item.question_id,
                submitted=list(item.submitted),
                answer=list(item.answer),
                correct=item.correct,
                points=item.points,
                earned=item.earned,
            )
            for item in items
        ],
    )
