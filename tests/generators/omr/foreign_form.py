"""Forms of other makers, drawn as theirs look: rings, boxes or bare letters, templates by hand.

No marker of ours, no page size of ours. The template may cover the paper or only the rectangle
between four printed marks, is off by some tenths of a millimetre block by block, and may be seen
in a photo, in a scan or in the form that another tool has rectified.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.generators.omr.camera import photo, scan

SCALE = 8.0
"""px a mm of the paper as drawn."""

VIEWS = ("rectified", "scan", "photo")

_OUTLINES = ("ring", "oval", "box", "none")
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_CROP_MM = 3.0

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class ForeignSheet:
    """`image` BGR, `meta` as measured by hand, `answers` and `pitch` (mm) by question id."""

    image: Pixels
    meta: dict[str, Any]
    answers: dict[str, list[str]]
    pitch: tuple[float, float]
    looks: str

    def shifted(self, columns: int, rows: int) -> dict[str, Any]:
        """The meta with every bubble so many pitches off, kept on its page."""
        step = np.array([columns, rows]) * self.pitch
        questions = [
            question
            | {
                "choices": [
                    choice
                    | {
                        "center": {
                            "x": choice["center"]["x"] + step[0],
                            "y": choice["center"]["y"] + step[1],
                        }
                    }
                    for choice in question["choices"]
                ]
            }
            for question in self.meta["questions"]
        ]
        return self.meta | {"questions": questions}


@dataclass(frozen=True, slots=True)
class _Style:
    """What a maker's bubbles look like: `radius` and `pitch` in mm, `grey` of the print."""

    outline: str
    letters: bool
    radius: float
    pitch: tuple[float, float]
    grey: int
    thick: int
    framed: bool
    marks: str


@dataclass(frozen=True, slots=True)
class _Block:
    """One lattice: `start` mm of its first bubble, ids and labels of its questions."""

    start: tuple[float, float]
    ids: tuple[str, ...]
    labels: str
    upright: bool
    """Whether a question's choices stand below each other, as an identifier's digits do."""


def foreign_sheet(seed: int, view: str = "rectified") -> ForeignSheet:
    """Draw, fill and photograph one sheet."""
    rng = np.random.default_rng(seed)
    style = _style(rng)
    size = (210.0, float(rng.choice([270.0, 280.0, 297.0])))
    blocks = _layout(rng, style, size)
    paper = np.full((round(size[1] * SCALE), round(size[0] * SCALE), 3), 250, np.uint8)
    corners = _furniture(paper, rng, style, size)
    answers: dict[str, list[str]] = {}
    for block in blocks:
        _print(paper, block, style)
    for block in blocks:
        for number, name in enumerate(block.ids):
            answers[name] = _mark(paper, block, number, style, rng)
    cropped = style.marks != "none" and bool(rng.random() < 0.6)
    page = np.array(corners if cropped else [[0, 0], [size[0], size[1]]])
    meta = _measured(blocks, style, page, rng)
    image = _seen(paper, page, rng, view)
    looks = f"{style.outline}{'+letters' if style.letters else ''}{' cropped' if cropped else ''}"
    return ForeignSheet(image, meta, answers, style.pitch, looks)


def _style(rng: Rng) -> _Style:
    outline = str(rng.choice(_OUTLINES))
    radius = float(rng.uniform(1.1, 2.3))
    return _Style(
        outline=outline,
        letters=outline == "none" or bool(rng.random() < 0.6),
        radius=radius,
        pitch=(float(radius * rng.uniform(2.9, 6.0)), float(radius * rng.uniform(2.5, 4.2))),
        grey=int(rng.integers(60, 200)),
        thick=int(rng.integers(1, 4)),
        framed=bool(rng.random() < 0.4),
        marks=str(rng.choice(["none", "target", "square"])),
    )


def _layout(rng: Rng, style: _Style, size: tuple[float, float]) -> list[_Block]:
    across, down = style.pitch
    choices = int(rng.integers(3, 6))
    top = float(rng.uniform(40, 60))
    blocks: list[_Block] = []
    if rng.random() < 0.5 and down * 10 < 100:
        digits = int(min(rng.integers(3, 9), (size[0] - 60) // across))
        names = tuple(f"roll{index + 1}" for index in range(digits))
        blocks.append(_Block((30.0 + rng.uniform(0, 15), top), names, "0123456789", upright=True))
        top += 9 * down + rng.uniform(14, 24)
    wide = (choices - 1) * across + max(14.0, 2.2 * across)
    columns = int(max(1, min(rng.integers(1, 5), (size[0] - 32) // wide)))
    rows = int(max(4, min(rng.integers(5, 41), (size[1] - 32 - top) // down)))
    left = float(rng.uniform(30, max(31.0, size[0] - 16 - columns * wide + 14)))
    for column in range(columns):
        first = column * rows + 1
        names = tuple(f"q{first + row}" for row in range(rows))
        blocks.append(_Block((left + column * wide, top), names, "ABCDE"[:choices], upright=False))
    return blocks


def _furniture(paper: Pixels, rng: Rng, style: _Style, size: tuple[float, float]) -> Floats:
    """Title, lines of text and the four marks, whose first and third centres (2, 2) it returns."""
    _write(paper, "ANSWER SHEET", (60, 16), 20, 1.6)
    for line in range(int(rng.integers(0, 4))):
        words = " ".join("".join(rng.choice(list("abcdeghiorstu"), 5)) for _ in range(9))
        _write(paper, words, (25, 22 + 4 * line), 90, 0.6)
    inset = rng.uniform(10, 14, 2)
    low, high = inset + [0.0, 12.0], np.array(size) - inset
    for x in (low[0], high[0]):
        for y in (low[1], high[1]):
            if style.marks == "target":
                for radius, grey in ((4.0, 30), (3.0, 250), (2.0, 30), (1.0, 250)):
                    cv2.circle(paper, _px(np.array([x, y])), round(radius * SCALE), (grey,) * 3, -1)
            elif style.marks == "square":
                half = np.array([2.5, 2.5])
                at = np.array([x, y])
                cv2.rectangle(paper, _px(at - half), _px(at + half), (30,) * 3, -1)
    return np.array([low, high])


def _print(paper: Pixels, block: _Block, style: _Style) -> None:
    grey = (style.grey,) * 3
    for number, name in enumerate(block.ids):
        for index, label in enumerate(block.labels):
            at = _place(block, number, index, style)
            radius = round(style.radius * SCALE)
            if style.outline == "ring":
                cv2.circle(paper, _px(at), radius, grey, style.thick, cv2.LINE_AA)
            elif style.outline == "oval":
                axes = (radius, round(0.8 * radius))
                cv2.ellipse(paper, _px(at), axes, 0, 0, 360, grey, style.thick, cv2.LINE_AA)
            elif style.outline == "box":
                half = np.array([0.9, 0.9]) * style.radius
                cv2.rectangle(paper, _px(at - half), _px(at + half), grey, style.thick)
            if style.letters:
                _write(paper, label, at, style.grey, 0.32 * style.radius)
        if not block.upright:
            beside = np.array(block.start) + [-max(7.0, style.pitch[0]), number * style.pitch[1]]
            _write(paper, name[1:], beside, 60, 0.32 * style.radius)
    if style.framed:
        last = _place(block, len(block.ids) - 1, len(block.labels) - 1, style)
        gap = np.array([1.8, 1.8]) * style.radius
        low, high = np.array(block.start) - gap, last + gap
        cv2.rectangle(paper, _px(low), _px(high), (150,) * 3, 2)


def _mark(paper: Pixels, block: _Block, number: int, style: _Style, rng: Rng) -> list[str]:
    if rng.random() < 0.08:
        return []
    index = int(rng.integers(len(block.labels)))
    at = _place(block, number, index, style) + rng.normal(0, 0.08 * style.radius, 2)
    axes = (style.radius * rng.uniform(0.75, 1.1, 2) * SCALE).round().astype(int)
    grey = float(rng.integers(20, 100))
    angle = float(rng.uniform(0, 180))
    cv2.ellipse(paper, _px(at), (int(axes[0]), int(axes[1])), angle, 0, 360, (grey,) * 3, -1)
    return [block.labels[index]]


def _measured(blocks: list[_Block], style: _Style, page: Floats, rng: Rng) -> dict[str, Any]:
    """The template as taken with a ruler: each block, and each column of it, by its own slip."""
    size = page[1] - page[0]
    stretch = 1.0 + rng.normal(0, 0.0015, 2)
    questions = []
    for block in blocks:
        slip = rng.uniform(-0.3, 0.3, 2)
        columns = rng.uniform(-0.15, 0.15, (20, 2))
        for number, name in enumerate(block.ids):
            choices = []
            for index, label in enumerate(block.labels):
                column = number if block.upright else index
                at = _place(block, number, index, style) + slip + columns[column] - page[0]
                x, y = (at - size / 2) * stretch + size / 2
                center = {"x": round(float(x), 2), "y": round(float(y), 2)}
                choices.append({"label": label, "center": center, "r": 0.9 * style.radius})
            questions.append({"question_id": name, "choices": choices})
    return {
        "units": "mm",
        "page": {"size": {"width": float(size[0]), "height": float(size[1])}},
        "questions": questions,
    }


def _seen(paper: Pixels, page: Floats, rng: Rng, view: str) -> Pixels:
    if view == "photo":
        return photo(
            paper,
            SCALE,
            rng,
            tilt=0.03,
            curl=0.0,
            shade=0.25,
            blur=0.7,
            desk="dark",
            long_side=2600,
        )
    if view == "scan":
        return scan(paper, SCALE, rng, int(rng.choice([120, 150, 200])), 1.0, turns=False)
    return _rectified(paper, page, rng)


def _rectified(paper: Pixels, page: Floats, rng: Rng) -> Pixels:
    """The page alone, its corners off by some tenths of a mm, softened as warped pictures are."""
    factor = float(rng.uniform(4.5, 9.0))
    size = ((page[1] - page[0]) * factor).round().astype(int)
    low, high = page * SCALE
    source = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    source += rng.normal(0, 0.35 * SCALE, source.shape)
    target = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target)
    soft = cv2.GaussianBlur(paper, (0, 0), max(0.5, rng.uniform(0.3, 1.2) * SCALE / factor))
    flat = cv2.warpPerspective(soft, matrix, (int(size[0]), int(size[1])), borderValue=(40,) * 3)
    light = 1.0 - rng.uniform(0, 0.15) * np.linspace(0, 1, size[0])[None, :, None]
    noisy = flat * light + rng.normal(0, 2.0, flat.shape)
    return np.asarray(noisy.clip(0, 255), np.uint8)


def _place(block: _Block, number: int, index: int, style: _Style) -> Floats:
    steps = (number, index) if block.upright else (index, number)
    return np.asarray(np.array(block.start) + np.array(steps) * style.pitch)


def _px(place: Floats) -> tuple[int, int]:
    x, y = (place * SCALE).round().astype(int)
    return int(x), int(y)


def _write(
    paper: Pixels, text: str, middle: Floats | tuple[float, float], grey: int, size: float
) -> None:
    """Text centred at a place in mm; `size` is OpenCV's, at 8 px a mm."""
    scale = size * SCALE / 8.0
    (width, height), _ = cv2.getTextSize(text, _FONT, scale, max(1, round(2 * scale)))
    x, y = _px(np.asarray(middle, np.float64))
    thick = max(1, round(2 * scale))
    at = (x - width // 2, y + height // 2)
    cv2.putText(paper, text, at, _FONT, scale, (grey,) * 3, thick, cv2.LINE_AA)
