"""The ink of a level page, sorted into text, ruled lines and large figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.page_geometry import INK_LEVEL, Grey

Boxes = NDArray[np.int32]
"""[n, 4]: x, y, width, height in px."""

Mask = NDArray[Any]
"""(h, w), 0 or 1."""


@dataclass(frozen=True, slots=True, eq=False)
class PageInk:
    """All ink of a page.

    `ink` is everything, `text` what is neither a ruled line nor taller than a line of text.
    `parts` are the connected components of `text` with their pixel counts in `areas`.
    `segments` are stretches of text without a wide gap, `across` and `upright` ruled lines,
    `blobs` boxes, areas and labels of the components of `ink` (0 is the background).
    `glyph` is the height of a line of text in px.
    """

    grey: Grey
    ink: Mask
    text: Mask
    parts: Boxes
    areas: NDArray[np.int32]
    segments: Boxes
    across: Boxes
    upright: Boxes
    glyph: float
    blobs: tuple[Boxes, NDArray[np.int32], NDArray[np.int32]]


def read_ink(grey: Grey) -> PageInk | None:
    """Sort the ink of a level, evenly lit page (uint8, h x w); None for a page without text."""
    ink = (grey < INK_LEVEL).astype(np.uint8)
    blobs = components(ink)
    guess = glyph_guess(blobs[0][1:])
    if guess is None:
        return None
    across_mask = straight_runs(ink, max(60, round(6 * guess)), 1)
    upright_mask = straight_runs(ink, 1, max(40, round(3.5 * guess)))
    bare = ink & ~across_mask & ~upright_mask & 1
    parts, areas, labels = components(bare)
    fits = _is_text(parts, areas, guess)
    text = fits[labels].astype(np.uint8) if len(fits) else np.zeros_like(ink)
    fits_parts = fits[1:]
    segments = _segments(text, guess)
    glyph = _line_height(segments, guess)
    return PageInk(
        grey=grey,
        ink=ink,
        text=text,
        parts=parts[1:][fits_parts],
        areas=areas[1:][fits_parts],
        segments=segments,
        across=outlines(across_mask),
        upright=outlines(upright_mask),
        glyph=glyph,
        blobs=blobs,
    )


def components(mask: Mask) -> tuple[Boxes, NDArray[np.int32], NDArray[np.int32]]:
    """Boxes, areas and label image of 8-connected components; row 0 is the background."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    table = np.asarray(stats, np.int32)
    return table[:, :4], table[:, 4], np.asarray(labels, np.int32)


def outlines(mask: Mask) -> Boxes:
    """Boxes of the 8-connected components of a mask; much faster than `components`."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = [cv2.boundingRect(contour) for contour in contours]
    return np.array(found, dtype=np.int32).reshape(-1, 4)


def glyph_guess(boxes: Boxes) -> float | None:
    """First guess of the glyph height: the upper quartile of glyph-shaped components."""
    width, height = boxes[:, 2], boxes[:, 3]
    shaped = (height >= 8) & (height <= 110) & (width <= 4 * height) & (width * 8 >= height)
    return float(np.percentile(height[shaped], 75)) if shaped.sum() >= 12 else None


def straight_runs(ink: Mask, width: int, height: int) -> Mask:
    """Pixels of straight runs at least `width` x `height` px, one pixel of wobble forgiven."""
    wobble = np.ones((3, 1) if width > height else (1, 3), np.uint8)
    thick = cv2.dilate(ink, wobble)
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((height, width), np.uint8))
    # A solid figure is full of runs; a rule is thin.
    across = (1, 9) if height > width else (9, 1)
    solid = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones(across, np.uint8))
    return cv2.subtract(runs, solid)


def _is_text(parts: Boxes, areas: NDArray[np.int32], guess: float) -> NDArray[np.bool_]:
    height, width = parts[:, 3], parts[:, 2]
    fits = (
        (height <= 2.2 * guess) & (width <= 4 * guess) & (areas >= max(4.0, 0.005 * guess * guess))
    )
    fits[0] = False
    return np.asarray(fits)


def split_at(page: PageInk, cuts: Sequence[int]) -> PageInk:
    """The same page with no segment reaching over the x of a cut."""
    starts, ends = page.segments[:, 0], page.segments[:, 0] + page.segments[:, 2]
    if not any(((starts < cut) & (ends > cut)).any() for cut in cuts):
        return page
    return replace(page, segments=_segments(page.text, page.glyph, cuts))


def runs_upright(page: PageInk) -> bool:
    """Whether the lines of text run down the page rather than across it."""
    upright = _word_length(np.ascontiguousarray(page.text.T), page.glyph)
    return upright > _word_length(page.text, page.glyph)


def _word_length(text: Mask, glyph: float) -> float:
    """Length in px of all that looks like words when gaps smaller than between lines close."""
    gap = np.ones((1, max(3, round(0.5 * glyph))), np.uint8)
    words = outlines(cv2.morphologyEx(text, cv2.MORPH_CLOSE, gap))
    return float(words[words[:, 2] > 2 * words[:, 3], 2].sum())


def _segments(text: Mask, guess: float, cuts: Sequence[int] = ()) -> Boxes:
    gap = max(3, round(0.9 * guess))
    closed = cv2.morphologyEx(text, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    upright = np.ones((max(1, round(0.2 * guess)), 1), np.uint8)
    closed = cv2.morphologyEx(closed, cv2.MORPH_CLOSE, upright)
    for cut in cuts:
        closed[:, cut] = 0
    boxes = outlines(closed)
    tall = boxes[:, 3] > 0.08 * guess
    return boxes[tall & (boxes[:, 2] * boxes[:, 3] > 0.02 * guess * guess)]


def _line_height(segments: Boxes, guess: float) -> float:
    """Median height of long segments, weighted by their width, 0.7-1.5 of the guess."""
    long = segments[segments[:, 2] >= 3 * guess]
    if len(long) < 3:
        return guess
    order = np.argsort(long[:, 3])
    weight = np.cumsum(long[order, 2])
    middle = float(long[order[np.searchsorted(weight, weight[-1] / 2)], 3])
    return min(max(middle, 0.7 * guess), 1.5 * guess)
