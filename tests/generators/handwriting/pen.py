"""Procedural handwriting: strokes of a hand with its own slant, size, tremor and pen."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Stroke = list[tuple[float, float]]

_SIGNS: dict[str, list[Stroke]] = {
    "0": [[(0.5, 0), (0.1, 0.3), (0.15, 0.8), (0.5, 1), (0.85, 0.75), (0.85, 0.25), (0.5, 0)]],
    "1": [[(0.3, 0.15), (0.5, 0), (0.5, 1)]],
    "2": [[(0.15, 0.2), (0.45, 0), (0.8, 0.2), (0.6, 0.6), (0.1, 1), (0.9, 0.97)]],
    "3": [[(0.15, 0.1), (0.6, 0), (0.8, 0.25), (0.4, 0.47), (0.85, 0.7), (0.6, 1), (0.1, 0.9)]],
    "4": [[(0.55, 0), (0.1, 0.65), (0.9, 0.62)], [(0.65, 0.3), (0.62, 1)]],
    "5": [
        [(0.2, 0), (0.15, 0.45), (0.6, 0.4), (0.85, 0.7), (0.5, 1), (0.1, 0.9)],
        [(0.2, 0.02), (0.8, 0)],
    ],
    "6": [[(0.7, 0), (0.25, 0.4), (0.15, 0.8), (0.5, 1), (0.8, 0.75), (0.5, 0.55), (0.2, 0.75)]],
    "7": [[(0.1, 0.05), (0.85, 0), (0.45, 1)]],
    "8": [[(0.7, 0.15), (0.4, 0), (0.2, 0.22), (0.75, 0.7), (0.5, 1), (0.2, 0.75), (0.75, 0.2)]],
    "9": [[(0.8, 0.2), (0.45, 0), (0.2, 0.3), (0.55, 0.5), (0.8, 0.2), (0.75, 0.6), (0.6, 1)]],
    "+": [[(0.5, 0.25), (0.5, 0.8)], [(0.2, 0.52), (0.82, 0.5)]],
    "-": [[(0.15, 0.5), (0.85, 0.5)]],
    "=": [[(0.15, 0.4), (0.85, 0.38)], [(0.15, 0.62), (0.85, 0.6)]],
    "x": [[(0.2, 0.35), (0.8, 0.95)], [(0.8, 0.35), (0.2, 1)]],
    "y": [[(0.2, 0.35), (0.5, 0.7)], [(0.8, 0.35), (0.3, 1.2)]],
    "a": [
        [(0.75, 0.45), (0.4, 0.4), (0.2, 0.7), (0.45, 0.95), (0.75, 0.6), (0.75, 0.4), (0.85, 1)],
    ],
    "(": [[(0.6, 0), (0.35, 0.5), (0.6, 1)]],
    ")": [[(0.4, 0), (0.65, 0.5), (0.4, 1)]],
    "/": [[(0.8, 0), (0.2, 1)]],
    "√": [[(0, 0.6), (0.2, 0.55), (0.4, 1), (0.6, 0), (1.2, 0)]],
}  # fmt: skip
_FIRST: dict[str, list[Stroke]] = {
    "ㄱ": [[(0.1, 0.1), (0.9, 0.1), (0.75, 0.95)]],
    "ㄴ": [[(0.15, 0.05), (0.15, 0.85), (0.9, 0.85)]],
    "ㄷ": [[(0.1, 0.1), (0.9, 0.1)], [(0.12, 0.1), (0.12, 0.9), (0.9, 0.88)]],
    "ㄹ": [[(0.1, 0.1), (0.85, 0.1), (0.85, 0.5), (0.15, 0.5), (0.15, 0.9), (0.9, 0.9)]],
    "ㅁ": [[(0.15, 0.1), (0.15, 0.9)], [(0.15, 0.1), (0.85, 0.1), (0.85, 0.9), (0.15, 0.9)]],
    "ㅂ": [[(0.15, 0.05), (0.15, 0.9), (0.85, 0.9), (0.85, 0.05)], [(0.15, 0.5), (0.85, 0.5)]],
    "ㅅ": [[(0.5, 0.1), (0.1, 0.9)], [(0.5, 0.3), (0.9, 0.9)]],
    "ㅇ": [[(0.5, 0.1), (0.15, 0.5), (0.5, 0.9), (0.85, 0.5), (0.5, 0.1)]],
    "ㅈ": [[(0.1, 0.1), (0.9, 0.1)], [(0.5, 0.1), (0.1, 0.9)], [(0.5, 0.4), (0.9, 0.9)]],
    "ㅎ": [
        [(0.4, 0), (0.6, 0)],
        [(0.1, 0.25), (0.9, 0.25)],
        [(0.5, 0.4), (0.2, 0.7), (0.5, 0.95), (0.8, 0.7), (0.5, 0.4)],
    ],
}  # fmt: skip
_UPRIGHT: list[list[Stroke]] = [
    [[(0.4, 0), (0.4, 1)], [(0.4, 0.5), (0.9, 0.5)]],
    [[(0.6, 0), (0.6, 1)], [(0.6, 0.5), (0.1, 0.5)]],
    [[(0.5, 0), (0.5, 1)]],
    [[(0.3, 0), (0.3, 1)], [(0.3, 0.5), (0.7, 0.5)], [(0.75, 0), (0.75, 1)]],
]
_FLAT: list[list[Stroke]] = [
    [[(0.5, 0.1), (0.5, 0.6)], [(0, 0.6), (1, 0.6)]],
    [[(0, 0.4), (1, 0.4)], [(0.5, 0.4), (0.5, 1)]],
    [[(0, 0.5), (1, 0.5)]],
]
KINDS = ("sum", "word", "number", "circle", "tick", "underline", "cross", "scribble", "arrow")


@dataclass(frozen=True)
class Pen:
    """Colour (BGR 0-255), darkness of its ink 0-1, width in px, whether it leaves grain."""

    colour: tuple[int, int, int]
    cover: float
    width: float
    grain: bool


def student_pen(rng: np.random.Generator, unit: float) -> Pen:
    """A pencil, or a black or blue pen; `unit` is the page's glyph height in px."""
    kind = rng.random()
    width = unit * float(rng.uniform(0.07, 0.13))
    if kind < 0.45:
        shade = int(rng.integers(40, 125))
        return Pen((shade, shade, shade), float(rng.uniform(0.65, 0.95)), width, True)
    if kind < 0.7:
        shade = int(rng.integers(10, 60))
        return Pen((shade, shade, shade), 0.95, width, False)
    blue = (int(rng.integers(130, 210)), int(rng.integers(40, 100)), int(rng.integers(10, 70)))
    return Pen(blue, 0.92, width, False)


def red_pen(rng: np.random.Generator, unit: float) -> Pen:
    """A marking pen."""
    red = (int(rng.integers(20, 80)), int(rng.integers(20, 70)), int(rng.integers(180, 235)))
    return Pen(red, 0.92, unit * float(rng.uniform(0.08, 0.15)), False)


@dataclass(frozen=True)
class Hand:
    """One person's writing: slant (dx/dy), size in glyph heights, tremor and spread."""

    slant: float
    size: float
    tremor: float
    squash: float
    spread: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Hand":
        """A new hand."""
        return cls(
            slant=float(rng.normal(0.05, 0.15)),
            size=float(rng.uniform(0.9, 1.9)),
            tremor=float(rng.uniform(0.02, 0.07)),
            squash=float(rng.uniform(0.5, 0.85)),
            spread=float(rng.uniform(1.0, 1.35)),
        )


def strokes(
    rng: np.random.Generator, hand: Hand, kind: str, unit: float
) -> list[NDArray[np.float64]]:
    """Strokes [n, 2] in px of one mark whose writing begins at the origin."""
    size = hand.size * unit
    if kind == "sum":
        lines = [_sum_line(rng) for _ in range(int(rng.integers(1, 5)))]
        return [
            s
            for i, line in enumerate(lines)
            for s in _written(rng, hand, line, size, (0, i * size * 1.5))
        ]
    if kind == "number":
        return _written(rng, hand, str(rng.integers(0, 1000)), size, (0, 0))
    if kind == "word":
        return _hangul(rng, hand, int(rng.integers(1, 7)), size)
    shapes = {
        "circle": _loop, "tick": _tick, "underline": _underline,
        "cross": _cross, "scribble": _scribble, "arrow": _arrow,
    }  # fmt: skip
    return [_smooth(_shaken(rng, s, 0.5 * hand.tremor * unit)) for s in shapes[kind](rng, unit)]


def _sum_line(rng: np.random.Generator) -> str:
    a, b = rng.integers(1, 60, 2)
    forms = (
        f"{a}+{b}={a + b}",
        f"{a}x={b}",
        f"x={b}/{a}",
        f"{a}({b}-x)",
        f"={a}",
        f"√{a}={b}",
        f"{a}x{b}={a * b}",
    )
    return forms[int(rng.integers(len(forms)))]


def _written(rng, hand, text, size, start):
    found = []
    x, y = start
    drift = float(rng.normal(0, 0.04))
    for sign in text:
        for stroke in _SIGNS.get(sign, []):
            points = np.array(stroke) * [size * hand.squash, size]
            points[:, 0] -= (points[:, 1] - size) * hand.slant
            points = _shaken(rng, points, hand.tremor * size)
            found.append(_smooth(points + np.array([x, y + float(rng.normal(0, 0.05 * size))])))
        x += size * hand.squash * hand.spread * float(rng.uniform(0.85, 1.15))
        y += drift * size
    return found


def _hangul(rng, hand, count, size):
    found = []
    x = 0.0
    names = list(_FIRST)
    for _ in range(count):
        tail = rng.random() < 0.45
        room = 0.55 if tail else 0.95
        first = _FIRST[names[int(rng.integers(len(names)))]]
        pieces = []
        if rng.random() < 0.6:
            vowel = _UPRIGHT[int(rng.integers(len(_UPRIGHT)))]
            pieces += [(s, (0.0, 0.05, 0.5, room - 0.1)) for s in first]
            pieces += [(s, (0.55, 0.0, 0.4, room)) for s in vowel]
        else:
            vowel = _FLAT[int(rng.integers(len(_FLAT)))]
            pieces += [(s, (0.2, 0.0, 0.6, room * 0.55)) for s in first]
            pieces += [(s, (0.05, room * 0.55, 0.9, room * 0.45)) for s in vowel]
        if tail:
            last = _FIRST[names[int(rng.integers(len(names)))]]
            pieces += [(s, (0.2, 0.62, 0.6, 0.38)) for s in last]
        for stroke, (left, top, width, height) in pieces:
            points = np.array(stroke) * [width, height] + [left, top]
            points = points * [size * 0.95, size * 1.1]
            points[:, 0] -= (points[:, 1] - size) * hand.slant
            found.append(_smooth(_shaken(rng, points, hand.tremor * size * 0.7) + np.array([x, 0])))
        x += size * hand.spread * (1.6 if rng.random() < 0.15 else 1.0)
    return found


def _loop(rng, unit):
    wide, tall = unit * rng.uniform(0.7, 3.5), unit * rng.uniform(0.7, 1.3)
    angles = np.linspace(rng.uniform(0, 1), 2 * np.pi + rng.uniform(0, 1.2), 14)
    growth = np.linspace(1, rng.uniform(0.85, 1.15), 14)
    return [np.column_stack([wide * np.cos(angles) * growth, tall * np.sin(angles) * growth])]


def _tick(rng, unit):
    s = unit * rng.uniform(0.8, 2.5)
    return [np.array([(0, 0.5 * s), (0.35 * s, s), (1.1 * s, -0.3 * s)])]


def _underline(rng, unit):
    length = unit * rng.uniform(3, 14)
    x = np.linspace(0, length, 12)
    wave = (
        unit * rng.uniform(0.02, 0.18) * np.sin(x / unit * rng.uniform(0.3, 4) + rng.uniform(0, 6))
    )
    return [np.column_stack([x, wave + x * rng.normal(0, 0.012)])]


def _cross(rng, unit):
    s = unit * rng.uniform(0.6, 2.2)
    one = np.array([(0, 0), (s, s)])
    return (
        [one, np.array([(s, 0), (0, s)])]
        if rng.random() < 0.6
        else [np.array([(s, -0.4 * s), (0, s)])]
    )


def _scribble(rng, unit):
    n = int(rng.integers(6, 16))
    x = np.linspace(0, unit * rng.uniform(1.5, 5), n)
    y = unit * rng.uniform(0.4, 1.0) * np.where(np.arange(n) % 2, 1, -1) * rng.uniform(0.6, 1, n)
    return [np.column_stack([x, y])]


def _arrow(rng, unit):
    length, turn = unit * rng.uniform(2, 6), rng.uniform(-0.8, 0.8)
    end = np.array([length * np.cos(turn), length * np.sin(turn)])
    bend = end / 2 + rng.normal(0, 0.3 * unit, 2)
    back = -end / length * unit * 0.6
    side = np.array([-back[1], back[0]])
    return [
        np.array([(0, 0), bend, end]),
        np.array([end + back + 0.6 * side, end, end + back - 0.6 * side]),
    ]


def _shaken(rng, points, reach):
    return np.asarray(points, dtype=np.float64) + rng.normal(0, reach, np.shape(points))


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chaikin's corner cutting, twice; ends stay."""
    for _ in range(2):
        if len(points) < 3:
            return points
        a, b = points[:-1], points[1:]
        cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut[1:-1], points[-1:]])
    return points


def ink(
    page: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    lines: list[NDArray[np.float64]],
    pen: Pen,
    rng: np.random.Generator,
) -> None:
    """Draw strokes (px of the page) on a BGR page and set `mask` to 1 where they inked."""
    height, width = page.shape[:2]
    everything = np.concatenate(lines)
    low = np.maximum(np.floor(everything.min(axis=0) - 3 * pen.width), 0).astype(int)
    high = np.minimum(np.ceil(everything.max(axis=0) + 3 * pen.width), (width, height)).astype(int)
    if (high - low < 2).any():
        return
    fine = 3
    cover = np.zeros(((high[1] - low[1]) * fine, (high[0] - low[0]) * fine), np.uint8)
    for line in lines:
        press = float(rng.uniform(0.75, 1.2))
        points = np.round((line - low) * fine).astype(np.int32)
        cv2.polylines(
            cover, [points], False, 255, max(1, round(pen.width * fine * press)), cv2.LINE_AA
        )
    small = cv2.resize(cover, None, fx=1 / fine, fy=1 / fine, interpolation=cv2.INTER_AREA) / 255.0
    alpha = small * pen.cover
    if pen.grain:
        alpha *= np.clip(rng.normal(0.88, 0.2, alpha.shape), 0.2, 1)
    spot = page[low[1] : high[1], low[0] : high[0]]
    spot[:] = np.asarray(
        spot * (1 - alpha[:, :, None]) + np.array(pen.colour) * alpha[:, :, None], np.uint8
    )
    mask[low[1] : high[1], low[0] : high[0]] |= (small > 0.3).astype(np.uint8)
