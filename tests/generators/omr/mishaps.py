"""What befalls answer sheets besides marks: stray lines, half-done corrections, things that lie on
or under the paper."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.template import Template
from tests.generators.omr.marks import BLACK_PEN, COMPUTER_PEN, SOFT_PENCIL, Hand, Pen, Pixels

Floats = NDArray[np.float64]
Rng = np.random.Generator

_PAPER = 248.0
_PINK = Pen((190, 120, 255), 0.75, 1.2, 0.05)


class Row:
    """One row of bubbles to be drawn on: `centers` (n, 2) and `radius` in mm of `sheet`, the
    `choice` meant and some `other`."""

    def __init__(
        self,
        sheet: Pixels,
        scale: float,
        rng: Rng,
        centers: Floats,
        radius: float,
        pen: Pen,
        choice: int,
    ) -> None:
        self.sheet, self.scale, self.rng, self.pen = sheet, scale, rng, pen
        self.hand = Hand(sheet, scale, rng)
        self.centers, self.radius, self.choice = centers, radius, choice
        self.other = (choice + 1 + int(rng.integers(len(centers) - 1))) % len(centers)
        self.here, self.there = centers[choice], centers[self.other]

    def cover(self, center: Floats, half: tuple[float, float], share: float) -> None:
        """Paint `share` of paper's white over a box of `half` its size in radii."""
        low, high = ((center + s * np.array(half) * self.radius) * self.scale for s in (-1, 1))
        (left, top), (right, bottom) = low.astype(int), high.astype(int)
        part = self.sheet[top:bottom, left:right]
        part[:] = (part * (1 - share) + _PAPER * share).astype(np.uint8)

    def rub(self, center: Floats, wide: float, keep: float, smear: float = 0.0) -> None:
        """Rub with an eraser along a lane `wide` radii to each side: a blotchy share to `keep` of
        ink and print stays, and `smear` of what was there is dragged along."""
        reach = round(self.radius * self.scale * 3)
        x, y = (center * self.scale).astype(int)
        part = self.sheet[y - reach : y + reach, x - reach : x + reach]
        down, across = np.mgrid[-3 : 3 : part.shape[0] * 1j, -3 : 3 : part.shape[1] * 1j]
        angle = self.rng.uniform(0, np.pi)
        along = across * np.cos(angle) + down * np.sin(angle)
        beside = down * np.cos(angle) - across * np.sin(angle)
        lane = 1 / (1 + np.exp(12 * (np.abs(beside) - wide)) + np.exp(8 * (np.abs(along) - 2)))
        blotches = cv2.GaussianBlur(self.rng.random(lane.shape), (0, 0), 3)
        blotches = (blotches - blotches.mean()) / blotches.std()
        lifted = (lane * (1 - np.clip(keep * (1 + 0.4 * blotches), 0, 1)))[..., None]
        ink = (255.0 - part).mean(axis=2)
        dragged = cv2.blur(ink, (1 + round(3 * self.radius * self.scale),) * 2) * smear
        rubbed = part * (1 - lifted) + 250 * lifted - dragged[..., None]
        part[:] = rubbed.clip(0, 255).astype(np.uint8)


def _line_through(row: Row) -> list[int]:
    """A row left unanswered, struck by a line over several rows."""
    angle = row.rng.uniform(0, np.pi)
    half = np.array([np.cos(angle), np.sin(angle)]) * row.radius * row.rng.uniform(3, 6)
    row.hand.stroke(np.array([row.here - half, row.here + half]), row.pen)
    return []


def _writing(row: Row) -> list[int]:
    """A row left unanswered, and a line of writing across one of its bubbles."""
    along = np.linspace(-4, 4, int(row.rng.integers(10, 20)))
    height = np.where(np.arange(len(along)) % 2, 1, -1) * row.rng.uniform(0.4, 1.2, len(along))
    points = np.stack([along, height], axis=1) + row.rng.normal(0, 0.1, (len(along), 2))
    row.hand.stroke(row.here + points * row.radius, row.pen)
    return []


def _between(row: Row) -> list[int]:
    """A mark between two bubbles is no answer that anyone could know."""
    first = min(row.choice, len(row.centers) - 2)
    step = row.centers[first + 1] - row.centers[first]
    place = row.centers[first] + step * row.rng.uniform(0.32, 0.68)
    row.hand.fill(place, row.radius * row.rng.uniform(0.9, 1.1), row.pen)
    return []


def _beside(row: Row) -> list[int]:
    row.hand.lines(row.here - [0.0, 1.4 * row.radius], row.radius, row.pen, "tick")
    return [row.choice]


def _whitened(row: Row) -> list[int]:
    """A mark painted over, though not quite."""
    row.hand.fill(row.here, row.radius, row.pen)
    row.cover(row.here, (1.4, 1.4), float(row.rng.uniform(0.85, 0.95)))
    return []


def _half_taped(row: Row) -> list[int]:
    """Correction tape that left a corner of the mark."""
    row.hand.fill(row.here, row.radius, row.pen)
    sides = row.rng.choice([-1.0, 1.0], 2)
    off = row.rng.uniform([0.6, 0.3], [1.3, 0.8]) * row.radius * sides
    row.cover(row.here + off, (1.9, 1.25), 1.0)
    return []


def _half_erased(row: Row) -> list[int]:
    """An eraser that missed an edge of the mark."""
    row.hand.fill(row.here, row.radius, row.pen)
    row.rub(row.here + row.rng.normal(0, 0.3, 2) * row.radius, 0.85, row.rng.uniform(0.02, 0.12))
    return []


def _smeared(row: Row) -> list[int]:
    row.hand.fill(row.here, row.radius, row.pen)
    row.rub(row.here, 1.6, row.rng.uniform(0.1, 0.2), row.rng.uniform(0.05, 0.3))
    return []


def _pink(row: Row) -> list[int]:
    """A mark in a colour that is hardly there in red light."""
    row.hand.fill(row.here, row.radius, _PINK)
    return [row.choice]


def _hatched_double(row: Row) -> list[int]:
    """Two marks, hatched so that strokes run over on all four sides."""
    for center in (row.here, row.there):
        first = row.rng.uniform(0, np.pi)
        over = row.rng.uniform(0.3, 0.9)
        for angle in (first, first + np.pi / 2 + row.rng.normal(0, 0.15)):
            along = np.array([np.cos(angle), np.sin(angle)]) * row.radius
            side = np.array([-along[1], along[0]])
            for offset in np.linspace(-0.8, 0.8, int(row.rng.integers(3, 7))):
                ends = np.sqrt(1 - offset**2) * (1 + row.rng.uniform(-0.15, over, 2))
                middle = center + offset * side
                row.hand.stroke(
                    np.array([middle - ends[0] * along, middle + ends[1] * along]), row.pen
                )
    return sorted((row.choice, row.other))


ROW_MISHAPS: dict[str, Callable[[Row], list[int]]] = {
    "line through": _line_through,
    "writing": _writing,
    "between": _between,
    "beside": _beside,
    "whitened": _whitened,
    "half taped": _half_taped,
    "half erased": _half_erased,
    "smeared": _smeared,
    "pink": _pink,
    "hatched double": _hatched_double,
}
"""Draws a row and returns the choices that are meant."""


def _sheet_over(sheet: Pixels, scale: float, template: Template, rng: Rng) -> None:
    """Slips of white paper on some rows."""
    for _ in range(3):
        question = template.questions[rng.integers(len(template.questions))]
        place = template.centers[question.choices[rng.integers(5)].index] * scale
        box = cv2.boxPoints((place.tolist(), (rng.uniform(10, 25, 2) * scale).tolist(), 20.0))
        cv2.fillPoly(sheet, [box.astype(np.int32)], (_PAPER,) * 3, cv2.LINE_AA)


def _hand_shadow(sheet: Pixels, scale: float, template: Template, rng: Rng) -> None:
    """The narrow shadows of fingers over the rows."""
    shadow = np.zeros(sheet.shape[:2], np.uint8)
    middle = template.centers.mean(axis=0) * scale
    for _ in range(5):
        way = rng.normal(0, 1, 2)
        tip = middle + way / np.hypot(*way) * 130 * scale
        wide = round(rng.uniform(3, 9) * scale)
        cv2.line(shadow, middle.astype(int).tolist(), tip.astype(int).tolist(), 255, wide)
    soft = cv2.GaussianBlur(shadow, (0, 0), rng.uniform(0.2, 1.0) * scale)[..., None] / 255
    sheet[:] = (sheet * (1 - rng.uniform(0.3, 0.6) * soft)).astype(np.uint8)


def _sheet_below(sheet: Pixels, scale: float, template: Template, rng: Rng) -> None:
    """Another filled sheet that shows through thin paper."""
    other = np.full_like(sheet, 255)
    hand = Hand(other, scale, rng)
    pen = (COMPUTER_PEN, BLACK_PEN, SOFT_PENCIL)[rng.integers(3)]
    for row in (*template.questions, *template.digits):
        index = row.choices[rng.integers(len(row.choices))].index
        hand.fill(template.centers[index], float(template.radii[index, 0]), pen)
    seen = cv2.GaussianBlur(other, (0, 0), 0.4 * scale) / 255
    sheet[:] = (sheet * (1 - rng.uniform(0.08, 0.15) * (1 - seen))).astype(np.uint8)


PAGE_MISHAPS: dict[str, Callable[[Pixels, float, Template, Rng], None]] = {
    "sheet over": _sheet_over,
    "hand shadow": _hand_shadow,
    "sheet below": _sheet_below,
}
"""Changes a filled sheet of so many px a mm in place."""
