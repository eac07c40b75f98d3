"""A filled answer sheet in, the note of its own wrong answers out."""

import json
from pathlib import Path

import pypdfium2

from functions.omr_grading.app import run
from jobs.contract.omr import OmrPayload
from tests.generators.wrong_note.notes import FolderWorkspace

SAMPLE = Path(__file__).parents[3] / "samples" / "omr"


class SheetIn(FolderWorkspace):
    """Opens the sample sheet, keeps the files of the result elsewhere."""

    def fetch(self, url: str, kind: object) -> Path:
        return SAMPLE / url


def test_a_graded_sheet_yields_its_note(tmp_path: Path):
    template = json.loads((SAMPLE / "template.json").read_text(encoding="utf-8"))
    ids = [question["question_id"] for question in template["questions"]]
    payload = {
        "download_url": "sheet.jpg",
        "template_meta": template,
        "answer_key": [{"question_id": each, "answer": ["1"], "tag": "독해"} for each in ids],
        "wrong_note": True,
        "exam_title": "4월 영어 듣기 평가",
    }
    result = run(OmrPayload.model_validate(payload), SheetIn(tmp_path))
    assert result.grade is not None
    assert result.wrong_note is not None
    wrong = [item for item in result.grade.items if item.correct is False]
    assert 0 < len(wrong) == result.wrong_note.questions

    document = pypdfium2.PdfDocument(tmp_path / result.wrong_note.pdf_ref)
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    assert "4월 영어 듣기 평가" in text
    for item in wrong:
        assert f"{item.question_id}번" in text


def test_no_note_is_written_unless_asked_for(tmp_path: Path):
    template = json.loads((SAMPLE / "template.json").read_text(encoding="utf-8"))
    payload = {"download_url": "sheet.jpg", "template_meta": template}
    assert run(OmrPayload.model_validate(payload), SheetIn(tmp_path)).wrong_note is None
