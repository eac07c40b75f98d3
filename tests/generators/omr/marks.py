"""Marks as students make them, drawn on a rendered sheet with strokes of pencil and pen."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
KINDS = (
    *("full", "partial", "tick", "cross", "slash", "dot", "light", "erased", "erased+new"),
    *("crossedout+new", "double", "ring", "blank"),
)
"""The thirteen kinds."""

TYPICAL = {
    "full": 0.87,
    "partial": 0.02,
    "tick": 0.008,
    "slash": 0.008,
    "light": 0.012,
    "erased+new": 0.02,
    "crossedout+new": 0.008,
    "double": 0.011,
    "erased": 0.008,
    "blank": 0.025,
    "dot": 0.01,
}
"""How often a class makes them."""


@dataclass(frozen=True, slots=True)
class Pen:
    """`colour` BGR of the stroke, `cover` 0-1 how opaque, `width` in mm, `grain` 0-1."""

    colour: tuple[int, int, int]
    cover: float
    width: float
    grain: float


PENCIL = Pen((70, 70, 72), 0.72, 0.55, 0.5)
SOFT_PENCIL = Pen((40, 40, 42), 0.85, 0.7, 0.35)
LIGHT_PENCIL = Pen((110, 110, 112), 0.5, 0.5, 0.55)
BLACK_PEN = Pen((25, 22, 20), 0.95, 0.5, 0.05)
BLUE_PEN = Pen((150, 60, 35), 0.93, 0.5, 0.05)
COMPUTER_PEN = Pen((20, 18, 18), 0.97, 1.1, 0.04)
PENS = (PENCIL, SOFT_PENCIL, LIGHT_PENCIL, BLACK_PEN, BLUE_PEN, COMPUTER_PEN)


class Hand:
    """Draws on `sheet` (BGR, changed in place) at `scale` px a mm."""

    def __init__(self, sheet: Pixels, scale: float, rng: np.random.Generator) -> None:
        self._sheet = sheet
        self._scale = scale
        self._rng = rng

    def stroke(self, points: NDArray[np.float64], pen: Pen, cover: float | None = None) -> None:
        """Draw a line through `points` (n, 2) mm."""
        pad = pen.width + 0.5
        low = np.floor((points.min(axis=0) - pad) * self._scale).astype(int)
        high = np.ceil((points.max(axis=0) + pad) * self._scale).astype(int)
        low = np.maximum(low, 0)
        high = np.minimum(high, [self._sheet.shape[1], self._sheet.shape[0]])
        if (high <= low).any():
            return
        layer = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        path = ((points * self._scale - low) * 16).round().astype(np.int32)
        thick = max(1, round(pen.width * self._scale))
        cv2.polylines(layer, [path], False, 255, thick, cv2.LINE_AA, 4)
        grain = 1 - pen.grain * self._rng.random(layer.shape)
        alpha = (layer / 255.0) * (cover or pen.cover) * grain
        part = self._sheet[low[1] : high[1], low[0] : high[0]]
        ink = np.array(pen.colour, np.float64)
        part[:] = (part * (1 - alpha[..., None]) + ink * alpha[..., None]).astype(np.uint8)

    def fill(
        self, center: NDArray[np.float64], radius: float, pen: Pen, share: float = 1.0
    ) -> None:
        """Scribble a bubble full, or `share` of it."""
        rng = self._rng
        center = center + rng.normal(0, 0.06 * radius, 2)
        reach = radius * rng.uniform(0.82, 1.08)
        tilt = rng.uniform(0, np.pi)
        rows = max(4, int(2.3 * reach / pen.width))
        offsets = np.linspace(-1, 1, rows)[: max(2, round(rows * share))]
        points = []
        for index, offset in enumerate(offsets):
            half = np.sqrt(max(0.0, 1 - offset * offset)) * rng.uniform(0.85, 1.1)
            ends = [(-half, offset), (half, offset)]
            points += ends if index % 2 else ends[::-1]
        turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
        self.stroke(center + (np.array(points) * reach) @ turn.T, pen)

    def lines(self, center: NDArray[np.float64], radius: float, pen: Pen, shape: str) -> None:
        """Draw a tick, cross, slash, dot or ring at a bubble."""
        rng = self._rng
        jitter = rng.normal(0, 0.08 * radius, 2)

        def draw(points: list[tuple[float, float]], size: float) -> None:
            self.stroke(center + jitter + np.array(points) * radius * size, pen)

        size = rng.uniform(0.85, 1.2)
        if shape == "tick":
            draw([(-0.7, 0.0), (-0.2, 0.6), (0.9, -0.9)], size)
        elif shape == "slash":
            draw([(-0.8, 0.8), (0.8, -0.8)], size)
        elif shape == "cross":
            draw([(-0.8, 0.8), (0.8, -0.8)], size)
            draw([(-0.8, -0.8), (0.8, 0.8)], size)
        elif shape == "dot":
            self.fill(center + jitter, radius * rng.uniform(0.35, 0.5), pen)
        elif shape == "ring":
            turn = np.linspace(0, 2 * np.pi + 0.4, 40)
            wobble = 1.5 + 0.1 * np.sin(3 * turn + rng.uniform(0, 6))
            draw(list(zip(wobble * np.cos(turn), wobble * np.sin(turn), strict=True)), 1.0)
        elif shape == "out":
            for a, b in (((-1.5, 1.5), (1.5, -1.5)), ((-1.5, -1.5), (1.5, 1.5))):
                draw([a, b], size)

    def erase(self, center: NDArray[np.float64], radius: float, pen: Pen) -> None:
        """Leave what an eraser leaves of a full mark."""
        self.fill(
            center,
            radius,
            Pen(pen.colour, pen.cover * self._rng.uniform(0.03, 0.12), pen.width, 0.8),
        )

    def tape(self, center: NDArray[np.float64], radius: float) -> None:
        """Stick correction tape over a bubble, print and all."""
        half = np.array([radius * 1.9, radius * 1.25])
        low, high = ((center + sign * half) * self._scale for sign in (-1, 1))
        cv2.rectangle(
            self._sheet,
            tuple(int(v) for v in low),
            tuple(int(v) for v in high),
            (249, 250, 250),
            -1,
            cv2.LINE_AA,
        )

    def mark(
        self, kind: str, centers: NDArray[np.float64], radius: float, pen: Pen, choice: int
    ) -> list[int]:
        """Mark one row in a way of `KINDS`; returns the choices that are meant."""
        other = (choice + 1 + int(self._rng.integers(len(centers) - 1))) % len(centers)
        here, there = centers[choice], centers[other]
        if kind == "blank":
            return []
        if kind == "erased":
            self.erase(here, radius, pen)
            return []
        if kind == "light":
            pale = Pen(pen.colour, pen.cover * self._rng.uniform(0.16, 0.3), pen.width, 0.4)
            self.fill(here, radius, pale)
        elif kind == "partial":
            self.fill(here, radius, pen, self._rng.uniform(0.4, 0.65))
        elif kind in ("tick", "cross", "slash", "dot", "ring"):
            self.lines(here, radius, pen, kind)
        else:
            self.fill(here, radius, pen)
        if kind == "erased+new":
            if self._rng.random() < 0.4:
                self.fill(there, radius, pen)
                self.tape(there, radius)
            else:
                self.erase(there, radius, pen)
        if kind == "crossedout+new":
            self.fill(there, radius, pen)
            self.lines(there, radius, pen, "out")
        if kind == "double":
            self.fill(there, radius, pen)
            return sorted((choice, other))
        return [choice]
