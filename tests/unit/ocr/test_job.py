"""The job: a file in, the wire model out."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from analysis.image import encode_jpeg
from faults import Code, Permanent
from functions.ocr.app import run
from jobs.contract.ocr import OcrPayload
from tests.generators.pages.content import CHOICES, HINTS, STEMS, Question
from tests.generators.pages.question import FONTS, render

CROP = render(Question(3, STEMS[8], None, HINTS[:2], CHOICES[7]), FONTS[0])


def job(path, workspace, **fields):
    return run(OcrPayload.model_validate({"download_url": str(path)} | fields), workspace)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "question.jpg"
    path.write_bytes(encode_jpeg(CROP.image, 90))
    return path


def text_pdf(path, lines):
    pdfmetrics.registerFont(TTFont("Nanum", str(FONTS[0])))
    sheet = canvas.Canvas(str(path), pagesize=(400, 300))
    sheet.setFont("Nanum", 12)
    for index, line in enumerate(lines):
        sheet.drawString(40, 250 - 20 * index, line)
    sheet.save()


def scanned_pdf(path):
    Pil.fromarray(CROP.image[:, :, ::-1]).save(path, resolution=150)


def test_a_picture_gives_text_lines_choices_and_its_page(picture, workspace):
    result = job(picture, workspace)
    assert result.engine == "tesseract"
    assert result.languages == ["kor", "eng"]
    assert [choice.number for choice in result.choices] == [1, 2, 3, 4, 5]
    assert result.choices[0].text == CHOICES[7][0]
    assert result.text == "\n".join(line.text for line in result.lines)
    assert result.confidence > 0.7
    assert result.reason is None
    (page,) = result.pages
    assert (page.width, page.height) == CROP.image.shape[1::-1]


def test_a_text_layer_is_taken_exactly_with_its_places(tmp_path, workspace):
    path = tmp_path / "layer.pdf"
    text_pdf(path, ["12. 다음 글을 읽고 물음에 답하시오.", "① ㄱ ② ㄴ ③ ㄱ, ㄷ", "√13 π 2³ 200g"])
    result = job(path, workspace)
    assert result.engine == "pdf"
    assert result.text.split("\n") == [
        "12. 다음 글을 읽고 물음에 답하시오.",
        "① ㄱ ② ㄴ ③ ㄱ, ㄷ",
        "√13 π 2³ 200g",
    ]
    assert [choice.text for choice in result.choices] == ["ㄱ", "ㄴ", "ㄱ, ㄷ √13 π 2³ 200g"]
    x, y, w, h = result.lines[0].box
    assert x == pytest.approx(40 / 72 * 200, abs=8)
    assert y + h == pytest.approx((300 - 250) / 72 * 200, abs=14)
    assert w > 400


def test_a_scanned_pdf_is_read_by_its_pixels(tmp_path, workspace):
    path = tmp_path / "scan.pdf"
    scanned_pdf(path)
    result = job(path, workspace)
    assert result.engine == "tesseract"
    assert [choice.number for choice in result.choices] == [1, 2, 3, 4, 5]


def test_the_text_layer_can_be_passed_over(tmp_path, workspace):
    path = tmp_path / "layer.pdf"
    text_pdf(path, ["다음 글을 읽고 물음에 답하시오."] * 4)
    assert job(path, workspace, text_layer=False).engine == "tesseract"


def test_an_english_text_is_read_with_english_alone(tmp_path, workspace):
    page = Pil.new("RGB", (900, 120), "white")
    font = ImageFont.truetype(str(FONTS[0]), 34)
    ImageDraw.Draw(page).text((20, 30), "The quick brown fox jumps over it.", "black", font)
    path = tmp_path / "english.png"
    page.save(path)
    result = job(path, workspace, languages=["eng"], psm=7)
    assert result.text == "The quick brown fox jumps over it."
    assert result.languages == ["eng"]


@pytest.mark.parametrize("size", [(40, 40), (300, 400)])
def test_a_blank_picture_is_an_empty_result_with_a_reason(tmp_path, workspace, size):
    path = tmp_path / "blank.png"
    Pil.new("RGB", size, "white").save(path)
    result = job(path, workspace)
    assert (result.text, result.confidence, result.lines, result.choices) == ("", None, [], [])
    assert result.reason


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("letter.jpg", "안녕하세요, 그림이 아닙니다.".encode(), Code.IMAGE_UNREADABLE),
        ("empty.jpg", b"", Code.IMAGE_UNREADABLE),
        ("cut.jpg", encode_jpeg(CROP.image)[:400], Code.IMAGE_UNREADABLE),
        ("dot.jpg", encode_jpeg(np.zeros((1, 1, 3), np.uint8)), Code.IMAGE_TOO_SMALL),
        ("long.jpg", encode_jpeg(np.zeros((20_001, 20, 3), np.uint8)), Code.IMAGE_TOO_LARGE),
        ("broken.pdf", b"%PDF-1.7 nothing follows", Code.DOCUMENT_UNREADABLE),
    ],
)
def test_bad_files_are_coded_errors(tmp_path, workspace, name, data, code):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Permanent) as caught:
        job(tmp_path / name, workspace)
    assert caught.value.code is code


def test_heavy_libraries_wait_until_they_are_needed():
    listed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, functions.ocr.app; print(*sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path), "AWS_DEFAULT_REGION": "ap-northeast-2"},
    ).stdout.split()
    assert not {"tesserocr", "google.cloud.vision", "onnxruntime", "pypdfium2"} & set(listed)
