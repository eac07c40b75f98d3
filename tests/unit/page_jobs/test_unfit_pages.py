"""What the three jobs on pages answer to pictures that are none, too small, too large, or empty."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from faults import Code, Permanent
from functions.handwriting_analysis.app import run as analyse_handwriting
from functions.ocr.app import run as read_text
from functions.question_segmentation.app import run as segment
from jobs.contract.handwriting import HandwritingPayload
from jobs.contract.message import Tier
from jobs.contract.ocr import OcrPayload
from jobs.contract.segmentation import SegmentationPayload
from tests.generators.exam_pages.faces import face_pairs
from tests.generators.exam_pages.page import random_style, render
from tests.generators.handwriting.pages import Sources, write

_RUSSIAN = ("Найдите сумму углов", "треугольника.", "Чему равна скорость", "этого поезда?")
_GREEK = ("Βρείτε το άθροισμα", "των γωνιών.", "Ποια είναι η ταχύτητα", "του τρένου;")
_JAPANESE = (
    "次の文章を読んで、問いに答えなさい。",
    "三角形の面積を求めよ。",
    "正しいものを選びなさい。",
)


class Folder:
    """A workspace of one local file that keeps nothing."""

    tier = Tier.BASIC

    def fetch(self, url, kind):
        return Path(url)

    def put(self, name, data, content_type):
        return name

    def remaining(self):
        return 60.0


JOBS: dict[str, Callable[[Path], Any]] = {
    "ocr": lambda path: read_text(OcrPayload(download_url=str(path)), Folder()),
    "question_segmentation": lambda path: segment(
        SegmentationPayload(download_url=str(path)), Folder()
    ),
    "handwriting_analysis": lambda path: analyse_handwriting(
        HandwritingPayload(download_url=str(path)), Folder()
    ),
}


def saved(folder: Path, picture: np.ndarray) -> Path:
    path = folder / "page.jpg"
    path.write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    return path


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("안녕하세요, 그림이 아닙니다.".encode(), Code.IMAGE_UNREADABLE),
        (cv2.imencode(".jpg", np.zeros((1, 1, 3), np.uint8))[1], Code.IMAGE_TOO_SMALL),
        (cv2.imencode(".jpg", np.zeros((20_001, 20, 3), np.uint8))[1], Code.IMAGE_TOO_LARGE),
        (cv2.imencode(".png", np.zeros((20_000, 20_000), np.uint8))[1], Code.IMAGE_TOO_LARGE),
    ],
    ids=["a text", "one pixel", "20,001 px long", "400 megapixels"],
)
def test_what_is_no_page_ends_in_a_code(tmp_path, job, data, code):
    path = tmp_path / "page.jpg"
    path.write_bytes(bytes(data))
    with pytest.raises(Permanent) as refused:
        JOBS[job](path)
    assert refused.value.code is code


def cat() -> np.ndarray:
    """A cat on a sofa: soft colours, a head with ears, eyes, whiskers and fur; no text."""
    rng = np.random.default_rng(8)
    coarse = rng.integers(60, 200, (9, 12, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (1200, 900), interpolation=cv2.INTER_CUBIC)
    cv2.ellipse(picture, (600, 640), (300, 340), 0, 0, 360, (70, 95, 130), -1)
    cv2.circle(picture, (600, 330), 190, (80, 110, 150), -1)
    for side in (-1, 1):
        ear = np.array([(600 + side * 60, 190), (600 + side * 190, 90), (600 + side * 180, 260)])
        cv2.fillPoly(picture, [ear], (75, 100, 140))
        cv2.ellipse(picture, (600 + side * 75, 310), (34, 26), 0, 0, 360, (90, 200, 190), -1)
        cv2.ellipse(picture, (600 + side * 75, 310), (8, 24), 0, 0, 360, (10, 10, 10), -1)
        for whisker in (-14, 4, 22):
            start = (600 + side * 40, 400 + whisker // 2)
            cv2.line(picture, start, (600 + side * 260, 390 + 3 * whisker), (225, 225, 225), 2)
    for x, y, dx, dy in rng.integers((350, 150, -14, 8), (850, 850, 14, 40), (2500, 4)).tolist():
        shade = int(rng.integers(-25, 25))
        colour = tuple(int(np.clip(c + shade, 0, 255)) for c in picture[y, x].tolist())
        cv2.line(picture, (x, y), (x + dx, min(899, y + dy)), colour, 2)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2))


def blank() -> np.ndarray:
    return np.full((1600, 1130, 3), 250, np.uint8)


@pytest.mark.parametrize("picture", [cat, blank])
def test_a_picture_without_text_has_no_text_and_no_questions_and_says_why(tmp_path, picture):
    path = saved(tmp_path, picture())
    text = JOBS["ocr"](path)
    assert (text.text, text.lines, text.confidence) == ("", [], None)
    assert text.reason
    questions = JOBS["question_segmentation"](path)
    assert (questions.boxes, questions.items) == ([], [])
    assert questions.reason


def test_a_blank_sheet_holds_no_handwriting(tmp_path):
    found = JOBS["handwriting_analysis"](saved(tmp_path, blank()))
    assert (found.writing_score, found.calculation_score, found.ink_ratio) == (0.0, 0.0, 0.0)
    assert found.regions == []


def sheet_of(lines: tuple[str, ...], font: str) -> np.ndarray:
    sheet = Pil.new("RGB", (1100, 80 + 60 * len(lines)), "white")
    face = ImageFont.truetype(font, 36)
    for row, line in enumerate(lines):
        ImageDraw.Draw(sheet).text((40, 40 + 60 * row), line, "black", face)
    return np.asarray(sheet)[:, :, ::-1]


@pytest.mark.parametrize("lines", [_RUSSIAN, _GREEK], ids=["Russian", "Greek"])
def test_lines_in_a_look_alike_script_are_left_out_and_that_is_told(tmp_path, lines):
    found = JOBS["ocr"](
        saved(tmp_path, sheet_of(3 * lines, "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"))
    )
    assert len(found.lines) <= 6
    assert found.reason or "another language than kor+eng" in found.pages[0].notes[0]


def test_a_page_in_another_script_is_not_read_as_rubbish(tmp_path):
    found = JOBS["ocr"](saved(tmp_path, sheet_of(_JAPANESE, str(face_pairs()[-1][0]))))
    assert (found.text, found.lines) == ("", [])
    assert "languages asked for" in found.reason


def test_a_page_upside_down_is_judged_as_the_right_way_up(tmp_path):
    rng = np.random.default_rng(41)
    style = random_style(rng, face_pairs())
    page = render(rng, style)
    written, _ = write(page.image, 15, style.text, rng, Sources())
    (tmp_path / "up").mkdir()
    upright = saved(tmp_path / "up", written)
    turned = saved(tmp_path, cv2.rotate(written, cv2.ROTATE_180))
    numbers = [
        [item.number for item in JOBS["question_segmentation"](path).items]
        for path in (upright, turned)
    ]
    assert numbers[0] == numbers[1] != []
    scores = [JOBS["handwriting_analysis"](path).writing_score for path in (upright, turned)]
    assert min(scores) > 0.9
