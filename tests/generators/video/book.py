"""Pages of a workbook, printed and written on, as grey or BGR pictures with their ink as truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tests.generators.handwriting.pages import Sources, write

Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 760, 1075
"""px; a page at about 92 dpi, near what a 720p video resolves of it."""

_FONTS = sorted(Path("/usr/share/fonts").rglob("Nanum*Gothic*.ttf")) or sorted(
    Path("/usr/share/fonts").rglob("*.ttf")
)
_WORDS = (
    *("함수", "직선", "원점", "좌표", "그림과", "같이", "다음", "조건을", "만족시키는", "자연수"),
    *("값을", "구하시오", "최댓값", "삼각형", "넓이", "등차수열", "확률", "변량", "평균", "적분"),
    *("극한", "연속", "미분", "방정식", "부등식", "해의", "개수", "옳은", "것은", "모두"),
)
LEVELS = {"none": 0, "light": 4, "medium": 11, "full": 26}
"""Marks of a hand on a page of each level."""


UNIT = 17.0
"""px; height of a printed glyph."""


@dataclass(frozen=True)
class Leaf:
    """A page: BGR picture, its writing's level, and the share of its area a student inked."""

    picture: Picture
    level: str
    ink: float


def leaf(
    rng: np.random.Generator,
    number: int,
    level: str,
    faces: Sequence[Path] = (),
    hands: Sources | None = None,
) -> Leaf:
    """Print a page in one of four layouts and write on it; other `faces` and `hands` at will."""
    page = printed(rng, number, faces)
    if level == "none":
        return Leaf(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), level, 0.0)
    marks = marks_of(rng, level)
    red = int(rng.integers(0, 3))
    picture, truth = write(page, marks, UNIT, rng, hands or Sources(), red=red)
    return Leaf(np.asarray(picture, np.uint8), level, float((truth == 1).mean()))


def marks_of(rng: np.random.Generator, level: str) -> int:
    """How many marks a hand makes on a page of a level."""
    return max(2, round(LEVELS[level] * rng.uniform(0.8, 1.3))) if LEVELS[level] else 0


def printed(rng: np.random.Generator, number: int, faces: Sequence[Path] = ()) -> Picture:
    """An unwritten page (grey); its face is one of `faces`, or of those installed."""
    fonts = faces or _FONTS
    page = Image.new("L", (WIDTH, HEIGHT), int(rng.integers(236, 253)))
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(fonts[int(rng.integers(len(fonts)))]), 17)
    bold = ImageFont.truetype(str(fonts[0]), 22)
    draw.text((60, 40), "개념 완성 수학 I", fill=60, font=bold)
    draw.line([(50, 74), (WIDTH - 50, 74)], fill=90, width=2)
    draw.text((WIDTH // 2, HEIGHT - 45), str(number), fill=60, font=font)
    columns = int(rng.integers(1, 3))
    wide = (WIDTH - 110) // columns
    for column in range(columns):
        y = 100.0
        while y < HEIGHT - 160:
            y = _question(draw, rng, font, 55 + column * (wide + 10), y, wide - 20)
            y += rng.uniform(24, 150)
    return np.array(page)


def _question(
    draw: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    font: ImageFont.FreeTypeFont,
    x: float,
    y: float,
    wide: float,
) -> float:
    draw.text((x, y), f"{int(rng.integers(1, 90))}.", fill=30, font=font)
    for _ in range(int(rng.integers(1, 5))):
        line = ""
        while draw.textlength(line, font=font) < wide - 90:
            line += str(rng.choice(_WORDS)) + " "
        draw.text((x + 28, y), line, fill=35, font=font)
        y += 24
    kind = rng.integers(4)
    if kind == 0:
        draw.rectangle([x + 30, y + 6, x + wide - 40, y + 90], outline=70, width=2)
        draw.line([x + 30, y + 90, x + wide * rng.uniform(0.3, 0.8), y + 6], fill=70, width=2)
        y += 100
    elif kind == 1:
        side = float(rng.uniform(50, 90))
        draw.ellipse([x + 60, y + 6, x + 60 + side, y + 6 + side], outline=70, width=2)
        y += side + 12
    elif kind == 2:
        for choice in range(5):
            text = f"({choice + 1}) {int(rng.integers(2, 200))}"
            draw.text(
                (x + 30 + (choice % 3) * wide / 3.3, y + 24 * (choice // 3)),
                text,
                fill=40,
                font=font,
            )
        y += 52
    return y
