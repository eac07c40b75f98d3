"""Exam pages that somebody has written on, with the ink of the hand as truth."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from tests.generators.handwriting import pen as pens

_WORDS = (
    "풀이 과정",
    "정답 3번",
    "다시 보기",
    "중요",
    "x=12",
    "답: 5",
    "오답",
    "그래서 24",
    "Why?",
    "3x+2",
    "모르겠음",
    "확인",
)
_SUMS = ("12+35=47", "3x=21", "x=7", "(2, 5)", "=4√3", "25-9=16")


@dataclass(frozen=True)
class Sources:
    """Where handwriting comes from besides the procedural pen: fonts and pictures of digits."""

    fonts: tuple[Path, ...] = ()
    digits: NDArray[np.float32] | None = None


def write(
    page: NDArray[np.uint8],
    marks: int,
    unit: float,
    rng: np.random.Generator,
    sources: Sources,
    *,
    red: int = 0,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Add `marks` marks of one hand (and `red` of a marking pen) to a grey or BGR page.

    Returns the BGR page and the mask of hand ink (uint8, 1 student, 2 red). `unit` is the page's
    glyph height in px.
    """
    colour = cv2.cvtColor(page, cv2.COLOR_GRAY2BGR) if page.ndim == 2 else page.copy()
    truth = np.zeros(page.shape[:2], np.uint8)
    dark = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY) < 160
    crowd = cv2.blur(dark.astype(np.float32), (int(4 * unit), int(2 * unit)))
    hand, tool = pens.Hand.draw(rng), pens.student_pen(rng, unit)
    for index in range(marks + red):
        marking = index >= marks
        mask = np.zeros_like(truth)
        used = pens.red_pen(rng, unit) if marking else tool
        where = _place(crowd, rng, unit)
        _one_mark(colour, mask, where, (hand, used, unit), rng, sources, marking=marking)
        truth[mask > 0] = 2 if marking else 1
    return colour, truth


def _place(
    crowd: NDArray[np.float32], rng: np.random.Generator, unit: float
) -> NDArray[np.float64]:
    height, width = crowd.shape
    spots = np.column_stack(
        [rng.uniform(0.06, 0.85, 6) * width, rng.uniform(0.08, 0.92, 6) * height]
    )
    if rng.random() < 0.65:
        density = [crowd[int(y), int(min(x + 2 * unit, width - 1))] for x, y in spots]
        return np.asarray(spots[int(np.argmin(density))])
    return np.asarray(spots[0])


def _one_mark(colour, mask, where, style, rng, sources, *, marking):
    hand, tool, unit = style
    draw = rng.random()
    if not marking and sources.fonts and draw < 0.35:
        return _font_text(colour, mask, where, style, rng, sources.fonts)
    if not marking and sources.digits is not None and draw < 0.5:
        return _digit_row(colour, mask, where, style, rng, sources.digits)
    kinds = ("circle", "tick", "cross", "number", "underline") if marking else pens.KINDS
    weights = None if marking else np.array([3, 3, 2, 2, 1.5, 1.5, 1, 0.7, 0.7]) / 15.4
    kind = str(rng.choice(kinds, p=weights))
    lines = [line + where for line in pens.strokes(rng, hand, kind, unit)]
    pens.ink(colour, mask, lines, tool, rng)
    return None


def _font_text(colour, mask, where, style, rng, fonts):
    hand, tool, unit = style
    path = fonts[int(rng.integers(len(fonts)))]
    font = ImageFont.truetype(str(path), max(12, int(unit * hand.size * 1.3)))
    count = int(rng.integers(1, 4))
    korean = bytes(font.getmask("확")) != bytes(font.getmask("\uffff"))
    pool = _WORDS if korean and rng.random() < 0.6 else _SUMS
    texts = [str(rng.choice(pool)) for _ in range(count)]
    width = int(max(font.getlength(text) for text in texts)) + 20
    step = int(font.size * 1.3)
    stamp = Pil.new("L", (width, step * count + 10), 0)
    for index, text in enumerate(texts):
        ImageDraw.Draw(stamp).text((4, index * step), text, font=font, fill=255)
    turn = cv2.getRotationMatrix2D((0, 0), float(rng.normal(0, 3)), 1)
    cover = cv2.warpAffine(np.asarray(stamp), turn, stamp.size)
    _stamp(colour, mask, where, cover / 255.0, tool, rng)


def _digit_row(colour, mask, where, style, rng, digits):
    hand, tool, unit = style
    size = max(10, int(unit * hand.size * 1.4))
    row = [
        cv2.resize(
            digits[int(rng.integers(len(digits)))], (size, size), interpolation=cv2.INTER_CUBIC
        )
        for _ in range(int(rng.integers(1, 5)))
    ]
    cover = np.clip((np.concatenate(row, axis=1) - 0.35) * 3, 0, 1)
    _stamp(colour, mask, where, cover, tool, rng)


def _stamp(colour, mask, where, cover, tool, rng):
    height, width = mask.shape
    x, y = (int(v) for v in where)
    cover = cover[: max(0, height - y), : max(0, width - x)]
    if not cover.size:
        return
    alpha = cover * tool.cover
    if tool.grain:
        alpha = alpha * np.clip(rng.normal(0.88, 0.2, alpha.shape), 0.2, 1)
    h, w = cover.shape
    spot = colour[y : y + h, x : x + w]
    spot[:] = np.asarray(
        spot * (1 - alpha[:, :, None]) + np.array(tool.colour) * alpha[:, :, None], np.uint8
    )
    mask[y : y + h, x : x + w] |= (cover > 0.35).astype(np.uint8)
