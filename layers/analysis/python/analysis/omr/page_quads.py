"""Quadrilaterals in a picture that may be a page: bright sheets, and four printed marks."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Grey = NDArray[Any]

_LEAST_PAGE, _FULL, _MOST_QUADS = 0.04, 0.9, 3
"""Share of a picture that is a sheet at least, and of its quadrilateral that is bright; and how
many bright things are looked at."""

_LIKE_MARK = 1.7
"""Size of a mark over another, near and far under perspective."""

_RINGS = 2
"""Sizes of shapes inside a target."""


def page_outline(grey: Grey) -> Floats | None:
    """The largest bright quadrilateral, clockwise from the top left; None where there is none."""
    scale = 640 / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    smooth = cv2.GaussianBlur(small, (7, 7), 0)
    _, bright = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    largest = max(outlines, key=cv2.contourArea)
    if cv2.contourArea(largest) < 0.2 * small.size:
        return None
    hull = cv2.convexHull(largest)
    for tolerance in (0.02, 0.04, 0.06, 0.09):
        quad = cv2.approxPolyDP(hull, tolerance * cv2.arcLength(hull, True), True)
        if len(quad) == 4:
            return clockwise(quad.reshape(4, 2).astype(np.float64) / scale)
    return None


def page_outlines(grey: Grey) -> list[Floats]:
    """Bright quadrilaterals that may be a sheet, the largest first, each clockwise."""
    scale = 640 / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (5, 5), 0)
    _, bright = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    large = [o for o in outlines if cv2.contourArea(o) > _LEAST_PAGE * small.size]
    quads = []
    for outline in sorted(large, key=cv2.contourArea, reverse=True):
        hull = cv2.convexHull(outline)
        for tolerance in (0.02, 0.04, 0.06):
            quad = cv2.approxPolyDP(hull, tolerance * cv2.arcLength(hull, True), True)
            if len(quad) == 4 and cv2.contourArea(outline) > _FULL * cv2.contourArea(quad):
                quads.append(clockwise(quad.reshape(4, 2).astype(np.float64) / scale))
                break
    return quads[:_MOST_QUADS]


def marks_quads(grey: Grey, sheet: Floats | None) -> list[Floats]:
    """Quadrilaterals (4, 2) px, clockwise, between the centres of four marks that are alike.

    They lie on the sheet, where its corners (4, 2) px are known. Marks are nested shapes, like a
    target's rings, or dark squares; of many, the outermost count.
    """
    quads = []
    for centers, sizes in (_targets(grey), _squares(grey)):
        if sheet is not None and len(centers):
            on = np.array([_within(sheet, center) for center in centers])
            centers, sizes = centers[on], sizes[on]
        quad = _outermost(centers, sizes)
        if quad is not None:
            quads.append(quad)
    return quads


def _within(quad: Floats, place: Floats) -> bool:
    x, y = place.tolist()
    return cv2.pointPolygonTest(quad.astype(np.float32), (x, y), measureDist=False) > 0


def _targets(grey: Grey) -> tuple[Floats, Floats]:
    """Centres (n, 2) and sizes (n,) of shapes with two more inside around the same centre."""
    boxes = _boxes(grey)
    centers = boxes[:, :2] + boxes[:, 2:] / 2
    size = boxes[:, 2:].max(axis=1)
    found: list[int] = []
    for index in np.argsort(-size):
        apart = np.abs(centers - centers[index]).max(axis=1)
        inside = (apart < 0.12 * size[index]) & (size < 0.9 * size[index])
        rings = np.unique((np.log(np.maximum(size[inside], 1) / size[index]) / 0.15).round())
        fresh = all(np.abs(centers[k] - centers[index]).max() > size[k] / 2 for k in found)
        if len(rings) >= _RINGS and fresh:
            found.append(int(index))
    return centers[found], size[found]


def _squares(grey: Grey) -> tuple[Floats, Floats]:
    """Centres (n, 2) and sizes (n,) of dark shapes that fill their box."""
    boxes = _boxes(grey, filled=True)
    return boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:].max(axis=1)


def _boxes(grey: Grey, *, filled: bool = False) -> Floats:
    """Boxes (n, 4) of dark shapes and of holes in them, as large as marks at a page's corners."""
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)
    block = max(15, int(max(grey.shape) / 20)) | 1
    ink = cv2.adaptiveThreshold(
        smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 20
    )
    outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    least, most = 0.004 * max(grey.shape), 0.06 * max(grey.shape)
    boxes = []
    for outline in outlines:
        x, y, w, h = cv2.boundingRect(outline)
        if not (least <= w <= most and least <= h <= most and 0.6 < w / h < 1.65):
            continue
        if (
            filled
            and cv2.contourArea(outline)
            < 0.85 * cv2.minAreaRect(outline)[1][0] * (cv2.minAreaRect(outline)[1][1])
        ):
            continue
        boxes.append((x, y, w, h))
    return np.array(boxes, np.float64).reshape(-1, 4)


def _outermost(centers: Floats, sizes: Floats) -> Floats | None:
    """The four of like size that lie farthest out towards the corners; None where there are not."""
    if len(sizes) < 4:
        return None
    best: tuple[float, Floats] | None = None
    for size in np.unique(sizes):
        like = centers[(sizes >= size) & (sizes <= _LIKE_MARK * size)]
        if len(like) < 4:
            continue
        turned = like @ np.array([[1, 1], [1, -1]])
        corners = [*turned.argmin(axis=0), *turned.argmax(axis=0)]
        if len(set(corners)) == 4:
            quad = clockwise(like[corners])
            area = float(cv2.contourArea(quad.astype(np.float32)))
            if best is None or area > best[0]:
                best = area, quad
    return None if best is None else best[1]


def clockwise(quad: Floats) -> Floats:
    """Order corners clockwise from the one nearest the top left."""
    middle = quad.mean(axis=0)
    angle = np.arctan2(quad[:, 1] - middle[1], quad[:, 0] - middle[0])
    ordered = quad[np.argsort(angle)]
    return np.asarray(np.roll(ordered, -int(np.argmin(ordered.sum(axis=1))), axis=0))
