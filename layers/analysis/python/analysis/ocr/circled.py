"""Circled signs (①, ㉠, ⓐ), which Tesseract never reads: found by shape, read by a small net.

They are read apart, painted over before the engine sees the page, and put back by their place.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.page_geometry import Grey
from analysis.small_net import load_net

CLASSES = ("other", *"①②③④⑤⑥⑦⑧⑨", *"㉠㉡㉢㉣㉤㉥", *"ⓐⓑⓒⓓⓔ")
"""What the net tells apart."""

PATCH = 20
"""px; side of the square a candidate is scaled to."""

_SMALLEST, _LARGEST = 0.55, 1.7
"""Sides of a candidate in glyph heights."""

_MOST_OVAL = 1.45
"""Longer side of a candidate over the shorter."""

_LEAST_ROUND = 0.88
"""Share of the inscribed ellipse that the filled outline covers; syllables and digits have less."""

_LEVELS = (215, 170)
"""Grey levels below which a pixel is ink: rings are thin and pale in photographs, but at the
higher level they may touch their neighbours."""

_SURE = 0.6
"""Probability from which a sign is taken; measured to cost no recall and to refuse syllables."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One circled sign; `box` is (x, y, w, h) in px of the picture searched, `confidence` 0-1."""

    text: str
    box: tuple[int, int, int, int]
    confidence: float


def find_marks(grey: Grey, glyph: float) -> tuple[Mark, ...]:
    """Circled signs on evenly lit paper (uint8), `glyph` the height of its glyphs in px."""
    boxes = candidates(grey, glyph)
    shares = load_net("circled_numbers").probabilities(patches(grey, boxes))
    found = []
    for box, share in zip(boxes, shares, strict=True):
        best = int(share.argmax())
        if best and share[best] >= _SURE:
            x, y, w, h = (int(side) for side in box)
            found.append(Mark(CLASSES[best], (x, y, w, h), float(share[best])))
    return tuple(found)


def candidates(grey: Grey, glyph: float) -> NDArray[np.int_]:
    """[n, 4] xywh of round outlines about as large as a glyph.

    Rings that a scan has broken are closed by a px; of two candidates in one place the first,
    from the palest ink, stays.
    """
    pale, dark = ((grey < level).astype(np.uint8) for level in _LEVELS)
    closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    found: list[tuple[int, int, int, int]] = []
    for mask in (pale, dark, closed):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for contour in contours:
            x, y, w, h = (int(side) for side in cv2.boundingRect(contour))
            if _is_round(contour, w, h, glyph) and not any(_same((x, y, w, h), b) for b in found):
                found.append((x, y, w, h))
    return np.array(found, np.int_).reshape(-1, 4)


def patches(grey: Grey, boxes: NDArray[np.int_]) -> NDArray[np.float32]:
    """[n, PATCH²] ink shares 0-1 of the boxes and a narrow rim, scaled to squares."""
    result = np.zeros((len(boxes), PATCH * PATCH), np.float32)
    for row, (x, y, w, h) in zip(result, boxes, strict=True):
        rim = max(1, round(0.06 * max(w, h)))
        cut = grey[max(0, y - rim) : y + h + rim, max(0, x - rim) : x + w + rim]
        method = cv2.INTER_AREA if min(cut.shape) > PATCH else cv2.INTER_LINEAR
        square = cv2.resize(cut, (PATCH, PATCH), interpolation=method).astype(np.float32)
        low, high = float(square.min()), float(square.max())
        row[:] = ((high - square) / max(1.0, high - low)).ravel()
    return result


def without(grey: Grey, marks: tuple[Mark, ...]) -> Grey:
    """The page with the marks painted over in white."""
    cleared = grey.copy()
    for mark in marks:
        x, y, w, h = mark.box
        cleared[max(0, y - 1) : y + h + 1, max(0, x - 1) : x + w + 1] = 255
    return cleared


def _is_round(contour: Grey, width: int, height: int, glyph: float) -> bool:
    if not _SMALLEST * glyph <= min(width, height) <= max(width, height) <= _LARGEST * glyph:
        return False
    if max(width, height) > _MOST_OVAL * min(width, height):
        return False
    # a contour runs through pixel centres: its sides are a px short of the box
    ellipse = np.pi / 4 * (width - 1) * (height - 1)
    return bool(_LEAST_ROUND <= cv2.contourArea(contour) / max(1.0, ellipse) <= 1.12)


def _same(box: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    apart_x = abs(box[0] + box[2] / 2 - other[0] - other[2] / 2)
    apart_y = abs(box[1] + box[3] / 2 - other[1] - other[3] / 2)
    return max(apart_x, apart_y) < 0.5 * max(box[2:])
