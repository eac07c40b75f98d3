"""The connected pieces of a page's ink, each described by numbers.

All lengths are in glyph heights of the page's print, so that neither resolution nor paper size
matters; darkness is relative to the page's own print, so that neither light nor scanner does.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image
from analysis.page_geometry import FlatPage, Grey, flatten
from analysis.segmentation.page_ink import components, glyph_guess, outlines, straight_runs

LONG_SIDE = 2000
"""px; A4 at 171 dpi: a pencil stroke is 3 px wide there."""

THUMBNAIL = 16
"""px; side of a piece's picture."""

_BLANK_SHEET_GLYPH = LONG_SIDE / 72
"""px; a glyph's height on a sheet without print: 4 mm on A4, as in most exams."""

_STROKE = 41
"""px at LONG_SIDE, 1.5 printed glyphs; whatever is wider both ways is a shadow or a shaded area."""

_CONTRAST = 0.12
"""Share of the light around it that a stroke takes away at least."""

_MOST_PIECES = 6000
"""Pieces looked at, largest first; a page of print has about 2,500."""

_NEAR = 2.5
"""Glyph heights within which pieces are neighbours."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The n pieces of a page.

    `boxes` [n, 4] xywh in px of the level page, `areas` [n] px, `labels` the image (h, w) with
    each pixel's piece, counting from 1, `features` [n, FEATURES], `redness` [n] 0-1.
    """

    flat: FlatPage
    glyph: float
    boxes: NDArray[np.int32]
    areas: NDArray[np.int32]
    labels: NDArray[np.int32]
    features: Floats
    redness: Floats


SHAPES = 21
CONTEXT = 8
FEATURES = SHAPES + CONTEXT + THUMBNAIL * THUMBNAIL


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A level page, its ink (uint8 0/1) and the height of a printed glyph in px."""

    flat: FlatPage
    ink: Grey
    glyph: float


def read_sheet(image: Image) -> Sheet:
    """Level a BGR picture of a page and find its ink."""
    flat = flatten(image, long_side=LONG_SIDE)
    ink = ink_mask(flat.grey)
    return Sheet(flat, ink, glyph_guess(outlines(ink)) or _BLANK_SHEET_GLYPH)


def read_pieces(image: Image) -> Pieces | None:
    """Cut a BGR picture of a page into pieces of ink; None for a page without any."""
    sheet = read_sheet(image)
    return pieces_of(sheet.flat, image, without_rules(sheet.ink, sheet.glyph), sheet.glyph)


def ink_mask(grey: Grey) -> Grey:
    """Ink of an evenly lit page (uint8 0/1), pencil included, paper grain left out.

    The level lies five deviations of the paper's grain below the paper, 150-215.
    """
    paper = grey[::4, ::4]
    paper = paper[paper > 200]
    if not paper.size:
        return np.zeros_like(grey)
    middle = float(np.median(paper))
    grain = 1.48 * float(np.median(np.abs(paper - middle)))
    level = min(215.0, max(150.0, middle - max(30.0, 5 * grain)))
    return (grey < level).astype(np.uint8)


def strokes_alone(ink: Grey, lit: Grey) -> Grey:
    """Ink (uint8 0/1) without the edges of shadows and without shaded areas.

    `lit` is the level page in grey with its light as it was: a shadow's edge is a slope there. A
    grey closing fills strokes and leaves slopes and wide areas as they are; what it does not
    brighten is no stroke. Done at half size, where grain is averaged out.
    """
    height, width = lit.shape
    half = cv2.resize(lit, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    half = cv2.blur(half, (3, 3))
    side = _STROKE // 2
    around = cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    around = cv2.resize(around, (width, height), interpolation=cv2.INTER_LINEAR)
    least = cv2.convertScaleAbs(around, alpha=1 - _CONTRAST)
    return np.asarray(ink & (lit < least), np.uint8)


def without_rules(ink: Grey, glyph: float) -> Grey:
    """Ink without ruled lines: a hand's underline is never that straight."""
    across = straight_runs(ink, max(60, round(6 * glyph)), 1)
    upright = straight_runs(ink, 1, max(40, round(3.5 * glyph)))
    return np.asarray(ink & ~across & ~upright & 1, np.uint8)


def pieces_of(flat: FlatPage, image: Image, ink: Grey, glyph: float) -> Pieces | None:
    """Describe the pieces of an ink mask (uint8 0/1, h x w of the level page)."""
    boxes, areas, labels = components(ink)
    large = np.flatnonzero(areas[1:] >= max(4.0, 0.012 * glyph * glyph)) + 1
    if not len(large):
        return None
    if len(large) > _MOST_PIECES:
        large = np.sort(large[np.argsort(-areas[large])[:_MOST_PIECES]])
    renumber = np.zeros(len(areas), np.int32)
    renumber[large] = np.arange(1, len(large) + 1, dtype=np.int32)
    labels = renumber[labels]
    boxes, areas = boxes[large], areas[large]
    shapes, redness = _shapes(flat, image, labels, boxes, areas, glyph)
    context = _context(shapes, boxes, glyph)
    pictures = _pictures(flat.grey, labels, boxes)
    features = np.concatenate([shapes, context, pictures], axis=1).astype(np.float32)
    return Pieces(flat, glyph, boxes, areas, labels, features, redness)


def _shapes(
    flat: FlatPage,
    image: Image,
    labels: NDArray[np.int32],
    boxes: NDArray[np.int32],
    areas: NDArray[np.int32],
    glyph: float,
) -> tuple[Floats, Floats]:
    count = len(boxes)
    rows, cols = np.nonzero(labels)
    owner = labels[rows, cols] - 1
    number = np.maximum(areas, 1).astype(np.float64)

    def mean(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(owner, values, count) / number

    depth = cv2.distanceTransform((labels > 0).astype(np.uint8), cv2.DIST_L2, 3)[rows, cols]
    dark = 255.0 - flat.grey[rows, cols]
    deepest = np.zeros(count)
    np.maximum.at(deepest, owner, depth)
    stroke, mean_dark = 4 * mean(depth) / glyph, mean(dark)
    dark_spread = np.sqrt(np.maximum(mean(dark * dark) - mean_dark**2, 0))
    edge = np.bincount(owner, depth <= 1.0, count)
    large = areas > 0.05 * glyph * glyph
    core = float(np.median(mean_dark[large])) if large.any() else 200.0
    common = float(np.median(stroke[large])) if large.any() else 0.1
    blue, red, tint = _colours(flat, image, rows, cols, owner, number)
    x, y = cols - cols.mean(), rows - rows.mean()
    mx, my = mean(x), mean(y)
    xx = np.maximum(mean(x * x) - mx**2, 1e-3)
    yy = np.maximum(mean(y * y) - my**2, 1e-3)
    xy = mean(x * y) - mx * my
    root = np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    major, minor = (xx + yy) / 2 + root, np.maximum((xx + yy) / 2 - root, 1e-3)
    angle = np.arctan2(2 * xy, xx - yy)
    w, h = boxes[:, 2].astype(float), boxes[:, 3].astype(float)
    columns = [
        np.log(w / glyph), np.log(h / glyph), np.log(areas / glyph**2), areas / (w * h),
        np.log(w / h), stroke, stroke / common, deepest / glyph,
        deepest / np.maximum(mean(depth), 0.5),
        mean_dark / 255, mean_dark / max(core, 1.0), dark_spread / 64, edge / number,
        number / np.maximum(edge, 1) / glyph * 4, np.log(major / minor),
        np.cos(angle), np.sin(angle),
        np.sqrt(minor) / glyph, blue, red, tint,
    ]  # fmt: skip
    return np.column_stack(columns).astype(np.float32), red.astype(np.float32)


def _colours(
    flat: FlatPage,
    image: Image,
    rows: NDArray[np.int_],
    cols: NDArray[np.int_],
    owner: NDArray[np.int32],
    number: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean blueness, redness and tint (-1 to 1) of each piece against the page's own paper."""
    colour = flat.warped(image)
    paper = np.percentile(colour[::16, ::16].reshape(-1, 3), 80, axis=0)
    values = colour[rows, cols] * (255.0 / np.maximum(paper, 1.0))
    b, g, r = values.T
    brightest = np.maximum(np.maximum(b, g), r)
    tint = (brightest - np.minimum(np.minimum(b, g), r)) / 255
    count = len(number)
    shares = [
        np.bincount(owner, v, count) / number
        for v in ((b - r) / 255, (r - (b + g) / 2) / 255, tint)
    ]
    return shares[0], shares[1], shares[2]


def _context(shapes: Floats, boxes: NDArray[np.int32], glyph: float) -> Floats:
    """How a piece sits among its neighbours: print stands in rows of like height and darkness."""
    centre = (boxes[:, :2] + boxes[:, 2:] / 2).astype(np.float32) / np.float32(glyph)
    top = boxes[:, 1].astype(np.float32) / np.float32(glyph)
    bottom = top + boxes[:, 3].astype(np.float32) / np.float32(glyph)
    stroke, dark = shapes[:, 5], shapes[:, 9]
    found = np.zeros((len(boxes), CONTEXT), np.float32)
    order = np.argsort(centre[:, 1])
    ranks = centre[order, 1]
    for start in range(0, len(order), 256):
        rows = order[start : start + 256]
        low = int(np.searchsorted(ranks, ranks[start] - _NEAR))
        high = int(np.searchsorted(ranks, ranks[min(start + 255, len(order) - 1)] + _NEAR))
        others = order[low:high]
        dx = np.abs(centre[rows, None, 0] - centre[None, others, 0])
        dy = np.abs(centre[rows, None, 1] - centre[None, others, 1])
        near = (dx < _NEAR) & (dy < _NEAR)
        level = np.minimum(
            np.abs(bottom[rows, None] - bottom[None, others]),
            np.abs(top[rows, None] - top[None, others]),
        )
        aligned = (level < 0.12) & (dx < 8) & (dy < 1)
        beside = near & (dy < 0.5)
        count = np.maximum(near.sum(axis=1), 1)
        found[rows, 0] = np.log1p(near.sum(axis=1))
        found[rows, 1] = np.log1p(aligned.sum(axis=1))
        found[rows, 2] = aligned.sum(axis=1) / np.maximum(((dx < 8) & (dy < 1)).sum(axis=1), 1)
        found[rows, 3] = np.log1p(beside.sum(axis=1))
        found[rows, 4] = (np.abs(dark[rows, None] - dark[None, others]) * near).sum(axis=1) / count
        found[rows, 5] = (np.abs(stroke[rows, None] - stroke[None, others]) * near).sum(
            axis=1
        ) / count
        found[rows, 6] = ((dark[rows, None] - dark[None, others]) * near).sum(axis=1) / count
        size = np.abs(shapes[rows, None, 1] - shapes[None, others, 1])
        found[rows, 7] = (size * near).sum(axis=1) / count
    return found


def _pictures(grey: Grey, labels: NDArray[np.int32], boxes: NDArray[np.int32]) -> Floats:
    """A piece's own ink, 0-1, scaled to THUMBNAIL x THUMBNAIL, its shape kept, centred."""
    found = np.zeros((len(boxes), THUMBNAIL, THUMBNAIL), np.float32)
    for index, (x, y, w, h) in enumerate(boxes.tolist()):
        own = (labels[y : y + h, x : x + w] == index + 1).astype(np.uint8) * np.uint8(255)
        scale = THUMBNAIL / max(w, h)
        size = (max(1, round(w * scale)), max(1, round(h * scale)))
        small = cv2.resize(own, size, interpolation=cv2.INTER_AREA)
        top, left = (THUMBNAIL - size[1]) // 2, (THUMBNAIL - size[0]) // 2
        found[index, top : top + size[1], left : left + size[0]] = small
    return np.asarray(found.reshape(len(boxes), -1) / 255, np.float32)
