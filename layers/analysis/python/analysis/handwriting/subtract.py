"""What a hand added to a page whose blank is known: registered, subtracted, cleaned."""

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.handwriting.strokes import Pieces
from analysis.image import Image
from analysis.page_geometry import FlatPage, Grey, even_light
from analysis.page_registration import register

_SPREAD = 0.12
"""Glyph heights that print is widened by: what registration leaves of a bent page."""

_HEM = 0.12
"""Glyph heights beyond that in which whole pieces are rims of print, not a hand's."""

_GRID = (6, 5)
"""Rows and columns of patches whose remaining shift is measured."""


def blank_on_page(flat: FlatPage, image: Image, blank: Image) -> Grey | None:
    """The blank's grey picture laid over a level page (uint8, h x w); None if it does not match."""
    found = register(
        cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.cvtColor(blank, cv2.COLOR_BGR2GRAY)
    )
    if found is None:
        return None
    height, width = flat.grey.shape
    to_flat = np.linalg.inv(flat.to_source) @ found.to_page
    paper = even_light(cv2.cvtColor(blank, cv2.COLOR_BGR2GRAY))
    laid = cv2.warpPerspective(
        paper, to_flat, (width, height), flags=cv2.INTER_AREA, borderValue=(255,)
    )
    return np.asarray(laid, np.uint8)


def added_ink(ink: Grey, blank: Grey, glyph: float) -> Grey:
    """Ink of a level page (uint8 0/1) that the blank laid over it does not have."""
    printed = (blank < 215).astype(np.uint8)
    printed = _aligned(printed, ink, glyph)
    reach = max(1, round(_SPREAD * glyph))
    wide = _widened(printed, reach)
    left = np.where(wide > 0, 0, ink).astype(np.uint8)
    left = _reaching(left, _widened(wide, max(1, round(_HEM * glyph))))
    return _rejoined(left, ink, wide)


def _widened(mask: Grey, reach: int) -> Grey:
    size = 2 * reach + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(mask, disc), np.uint8)


def _reaching(left: Grey, hem: Grey) -> Grey:
    """Pieces of ink that leave the hem of the print; what stays in it is print laid loosely."""
    _, labels = cv2.connectedComponents(left, connectivity=8)
    outside = np.bincount(np.asarray(labels)[(left > 0) & (hem == 0)], minlength=labels.max() + 1)
    kept = outside > 2
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


def _aligned(printed: Grey, ink: Grey, glyph: float) -> Grey:
    """Shift the print patch by patch by up to half a glyph to where the ink is."""
    height, width = ink.shape
    reach = max(2, round(0.4 * glyph))
    shifts = np.zeros((*_GRID, 2), np.float32)
    for row in range(_GRID[0]):
        for col in range(_GRID[1]):
            y0, y1 = row * height // _GRID[0], (row + 1) * height // _GRID[0]
            x0, x1 = col * width // _GRID[1], (col + 1) * width // _GRID[1]
            shifts[row, col] = _shift(printed[y0:y1, x0:x1], ink[y0:y1, x0:x1], reach)
    if not shifts.any():
        return printed
    field = cv2.resize(shifts, (width, height), interpolation=cv2.INTER_LINEAR)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(printed, x - field[:, :, 0], y - field[:, :, 1], cv2.INTER_NEAREST)
    return np.asarray(moved, np.uint8)


def _shift(printed: Grey, ink: Grey, reach: int) -> tuple[float, float]:
    """Shift (x, y) in px that lays a patch of print on its ink; (0, 0) where there is little."""
    inner = printed[reach:-reach, reach:-reach]
    if inner.sum() < 200 or min(inner.shape) < 32:
        return 0.0, 0.0
    small = 0.5
    patch = cv2.resize(
        inner.astype(np.float32), None, fx=small, fy=small, interpolation=cv2.INTER_AREA
    )
    field = cv2.resize(
        ink.astype(np.float32), None, fx=small, fy=small, interpolation=cv2.INTER_AREA
    )
    score = cv2.matchTemplate(field, patch, cv2.TM_CCORR_NORMED)
    _, best, _, where = cv2.minMaxLoc(score)
    middle = (score.shape[1] // 2, score.shape[0] // 2)
    if best < score[middle[1], middle[0]] + 0.01:
        return 0.0, 0.0
    return (where[0] - reach * small) / small, (where[1] - reach * small) / small


def _rejoined(left: Grey, ink: Grey, printed: Grey) -> Grey:
    """Strokes cut where they cross print, joined again over at most the print's width."""
    bridge = cv2.dilate(left, np.ones((3, 3), np.uint8)) & ink & printed
    return np.asarray(left | bridge, np.uint8)


def no_strokes(pieces: Pieces) -> NDArray[np.bool_]:
    """Which pieces of added ink are no hand's [n]: specks, rims of paper, edges of shadows."""
    boxes, glyph = pieces.boxes, pieces.glyph
    height, width = pieces.labels.shape
    extent = np.maximum(boxes[:, 2], boxes[:, 3])
    speck = (extent < 0.4 * glyph) | (pieces.areas < 0.04 * glyph * glyph)
    margin = 0.012 * max(height, width)
    rim = (boxes[:, 0] + boxes[:, 2] < margin) | (boxes[:, 0] > width - margin)
    rim |= (boxes[:, 1] + boxes[:, 3] < margin) | (boxes[:, 1] > height - margin)
    vast = np.minimum(boxes[:, 2], boxes[:, 3]) > 14 * glyph
    return np.asarray(speck | rim | vast)
