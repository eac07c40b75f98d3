"""The whole note: payload in, HTML and PDF out."""

import re
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image

from analysis.wrong_note.page import page
from analysis.wrong_note.pdf import pdf
from analysis.wrong_note.types import Exam, Note, Question
from faults import Code, Permanent, Transient
from functions.wrong_note.app import run
from jobs.contract.wrong_note import WrongNotePayload, WrongNoteResult
from jobs.workspace import FileKind
from tests.generators.wrong_note.crops import save, triangle_question
from tests.generators.wrong_note.notes import FolderWorkspace

ACADEMY_SIGNS = (
    "①②③④⑤⑩⑳㉠㉡㉢ⓐ㈎〈보기〉《》「」【】√≤≥≠≒∠°½⅓²³×÷±∞∴∵∽≡⊥∥△□○◎●★→↔⇒㎝㎠㎏℃αβγθπΩ∑∫∈⊂∪∩∅ℓ′″…·–—“”‘’"
    "ㄱㄴㄷ漢字數學Ⅰⅱ₁⁰☐✓"
)


def payload(*items: dict[str, Any], **fields: Any) -> WrongNotePayload:
    exams = [{"exam_id": "1", "title": "3월 평가", "items": list(items)}]
    return WrongNotePayload.model_validate({"enrollment_id": "20318", "exams": exams} | fields)


def item(**fields: Any) -> dict[str, Any]:
    return {"question_id": 7, "submitted": "1", "right_answer": "4", "correct": False} | fields


def note_of(text: str) -> Note:
    return Note(
        "오답 노트", "김하늘", "2026-03-20", (Exam("시험", "", (Question("1", text=text),)),)
    )


@pytest.fixture
def workspace(tmp_path: Path) -> FolderWorkspace:
    return FolderWorkspace(tmp_path)


def read_back(workspace: FolderWorkspace, result: WrongNoteResult) -> list[str]:
    document = pypdfium2.PdfDocument(workspace.folder / result.pdf_ref)
    try:
        return [each.get_textpage().get_text_bounded() for each in document]
    finally:
        document.close()


def html_of(workspace: FolderWorkspace, result: WrongNoteResult) -> str:
    return (workspace.folder / result.html_ref).read_text(encoding="utf-8")


def test_both_answers_stand_on_the_page(workspace: FolderWorkspace):
    choices = ["17", "18", "19", "21"]
    result = run(payload(item(text="값은?", choices=choices)), workspace)
    text = " ".join(" ".join(read_back(workspace, result)).split())
    assert "내 답 ① 17" in text
    assert "정답 ④ 21" in text
    assert result.questions == 1


def test_pages_are_counted_and_numbered(workspace: FolderWorkspace):
    result = run(payload(*[item(question_id=n, text="값은?") for n in range(1, 9)]), workspace)
    pages = read_back(workspace, result)
    assert result.pages == len(pages) > 1
    for number, text in enumerate(pages):
        assert f"{number + 1} / {len(pages)}" in " ".join(text.split())


def test_answers_can_wait_at_the_end(workspace: FolderWorkspace):
    result = run(payload(item(text="값은?", explanation="까닭은 이렇다"), answers="end"), workspace)
    pages = read_back(workspace, result)
    assert "까닭" not in pages[0]
    assert "정답" not in pages[0]
    assert "까닭은 이렇다" in pages[-1]


def test_nothing_sent_becomes_markup(workspace: FolderWorkspace):
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7*7 }}"
    fields = {name: attack for name in ("text", "explanation", "tag", "remark")}
    sent = payload(
        item(choices=[attack], submitted=attack, right_answer=attack, **fields),
        item(question_id=attack[:100], text=rf"$\text{{{attack}}}$"),
        student_name=attack[:100],
        title=attack[:100],
        created_at=attack[:100],
    )
    html = html_of(workspace, run(sent, workspace))
    assert "<script" not in html
    assert not re.search(r"<img(?! class=\"(formula|crop))", html)
    assert "49" not in html.split("</style>")[1].replace(attack, "")


def test_the_html_needs_nothing_from_elsewhere(workspace: FolderWorkspace):
    save(triangle_question(), workspace.folder / "crop.png")
    html = html_of(workspace, run(payload(item(crop_url="crop.png", text="$x^2$")), workspace))
    sources = re.findall(r"(?:src|href)=\"([^\"]{0,30})", html)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert not re.search(r"url\(|@import", html)


@pytest.mark.parametrize(
    "reference",
    ["http://127.0.0.1:9/x.png", "file:///etc/hostname", "ftp://127.0.0.1/x", "data:text/html,x"],
)
def test_the_printer_opens_nothing_from_elsewhere(reference: str):
    html = f"<html><body>x<img src='{reference}'></body></html>"
    with pytest.raises(Permanent) as error:
        pdf(html)
    assert error.value.code is Code.RENDER_FAILED
    assert reference not in error.value.message


def test_every_sign_academies_use_has_a_glyph_in_both_weights():
    html = page(note_of(ACADEMY_SIGNS)).html
    assert pdf(html).missing == ()
    assert pdf(html.replace("<body>", f"<body><b>{ACADEMY_SIGNS}</b>")).missing == ()


def test_all_fonts_are_embedded(workspace: FolderWorkspace):
    result = run(payload(item(text=ACADEMY_SIGNS, explanation="**漢字** $x$")), workspace)
    document = pypdfium2.PdfDocument(workspace.folder / result.pdf_ref)
    try:
        fonts = {
            bool(pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(each.raw)))
            for sheet in document
            for each in sheet.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])
        }
        assert fonts == {True}
    finally:
        document.close()


def test_a_sign_without_glyph_is_marked_and_told(workspace: FolderWorkspace):
    lost = "\U0001fa7b"
    result = run(payload(item(text=f"그림 {lost}을 보고")), workspace)
    assert result.unprintable == [lost]
    assert "그림 〓을 보고" in " ".join(" ".join(read_back(workspace, result)).split())


def test_an_unreadable_formula_is_printed_as_its_source_and_counted(workspace: FolderWorkspace):
    result = run(payload(item(text=r"$\frac{1$ 그리고 $x$")), workspace)
    assert result.unread_formulas == 1
    assert r"\frac{1" in " ".join(read_back(workspace, result))


def test_formulas_beyond_a_notes_effort_are_printed_as_source():
    many = [rf"$\frac{{1}}{{{number}}}$" for number in range(5)]
    few = page(note_of(" ".join(many)))
    heavy = page(note_of(" ".join(many * 1_500)))
    assert few.unread == 0
    assert heavy.unread > 0


def test_the_same_page_gives_the_same_bytes():
    html = page(note_of("이차방정식 $x^2-5x+3=0$")).html
    assert pdf(html).data == pdf(html).data


def test_a_crop_is_printed_instead_of_the_text(workspace: FolderWorkspace):
    save(triangle_question(), workspace.folder / "crop.png")
    result = run(payload(item(crop_url="crop.png", text="글로 된 문제")), workspace)
    assert "글로 된 문제" not in html_of(workspace, result)
    assert result.missing_crops == []


def test_a_broken_crop_leaves_the_text_and_is_told(workspace: FolderWorkspace):
    (workspace.folder / "crop.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    result = run(payload(item(crop_url="crop.png", text="글로 된 문제")), workspace)
    assert result.missing_crops == ["7"]
    assert "글로 된 문제" in html_of(workspace, result)


def test_a_crop_that_may_come_later_fails_the_attempt(tmp_path: Path):
    class Slow(FolderWorkspace):
        def fetch(self, url: str, kind: FileKind) -> Path:
            raise Transient(Code.DOWNLOAD_TIMEOUT, "too slow")

    with pytest.raises(Transient):
        run(payload(item(crop_url="crop.png")), Slow(tmp_path))


def test_no_time_left_ends_the_attempt_before_fetching(tmp_path: Path):
    save(triangle_question(), tmp_path / "crop.png")
    with pytest.raises(Transient) as error:
        run(payload(item(crop_url="crop.png")), FolderWorkspace(tmp_path, seconds=5))
    assert error.value.code is Code.OUT_OF_TIME


def test_photographed_paper_is_printed_white(workspace: FolderWorkspace):
    from analysis.image import read_image
    from analysis.wrong_note.picture import whitened

    path = save(triangle_question(paper=190), workspace.folder / "crop.png")
    crop = read_image(path)
    assert crop[2, 2].max() < 200
    assert whitened(crop)[2, 2].min() > 250
    dark = read_image(save(Image.new("RGB", (80, 60), (60, 60, 60)), path))
    assert (whitened(dark) == dark).all()


@pytest.mark.parametrize("size", [(40, 3000), (3000, 40), (20, 20), (4000, 3000)])
def test_a_crop_of_any_shape_fits_the_page(size: tuple[int, int], workspace: FolderWorkspace):
    save(Image.new("RGB", size, "white"), workspace.folder / "crop.png")
    result = run(payload(item(crop_url="crop.png")), workspace)
    assert result.missing_crops == []
    assert result.pages <= 2


def test_no_wrong_answer_gives_a_page_that_says_so(workspace: FolderWorkspace):
    result = run(payload(item(correct=True)), workspace)
    assert result.questions == 0
    assert "틀린 문항이 없습니다" in " ".join(read_back(workspace, result))


def test_too_many_wrong_answers_are_refused_by_name(workspace: FolderWorkspace):
    exams = [
        {"exam_id": str(n), "items": [item(question_id=q) for q in range(1, 152)]} for n in range(2)
    ]
    with pytest.raises(Permanent) as error:
        run(WrongNotePayload.model_validate({"enrollment_id": 1, "exams": exams}), workspace)
    assert error.value.code is Code.PAYLOAD_INVALID
    assert "exams" in error.value.message


def test_a_crop_keeps_its_colours_only_if_it_has_any(workspace: FolderWorkspace):
    from analysis.image import read_image
    from analysis.wrong_note.picture import greyed

    picture = triangle_question(paper=215)
    path = save(picture, workspace.folder / "crop.png")
    assert greyed(read_image(path)).shape[2] == 1
    picture.paste((30, 40, 200), (300, 300, 400, 304))
    assert greyed(read_image(save(picture, path))).shape[2] == 3
