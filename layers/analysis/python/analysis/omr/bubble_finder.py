"""Round things in a picture: candidates for printed bubbles, blank or filled."""

from dataclasses import dataclass
from math import hypot, pi, sqrt
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.shrinking import shrunk

Grey = NDArray[Any]
Floats = NDArray[np.float64]

_BLOCK_SHARE = 1 / 40
"""Side of the adaptive threshold's window as a share of the long side: some bubbles wide."""

_OFFSET = 9
"""Grey levels below the local mean that count as ink; faint grey print is 12 or more below."""

_SOFT_SIGMA, _SOFT_OFFSET = 3.0, 5
"""px and grey levels of the soft look: a 1-bit scan tears pale outlines into dashes."""

_SIZES = (7, 110)
"""px of a bubble's bounding box in the working picture."""

_FEWEST_CORNERS = 6
"""Corners of a round outline of such a size: most of a page's outlines are specks and need no
look."""

_COARSE = 4
"""px a step of the picture in which the local mean is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """`centers` (n, 2) in px and `radii` (n,), one entry a bubble, inner and outer edge merged."""

    centers: Floats
    radii: Floats


def find_rounds(grey: Grey, *, soft: bool = False) -> Rounds:
    """Find ellipse-like outlines in a uint8 picture; `soft` closes those broken into dashes."""
    smooth = (
        cv2.GaussianBlur(grey, (0, 0), _SOFT_SIGMA) if soft else cv2.GaussianBlur(grey, (3, 3), 0)
    )
    ink = _inked(smooth, _SOFT_OFFSET if soft else _OFFSET)
    outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = [
        circle
        for outline in outlines
        if len(outline) >= _FEWEST_CORNERS and (circle := _round(outline)) is not None
    ]
    if not found:
        return Rounds(np.zeros((0, 2)), np.zeros(0))
    circles = np.array(found)
    return _merged(circles[:, :2], circles[:, 2])


def _inked(smooth: Grey, offset: int) -> Grey:
    """What is darker than its surroundings by more than `offset` grey levels: 255, else 0.

    The mean over the surroundings is as good from a small picture, in half the time of OpenCV's
    own adaptive threshold.
    """
    block = max(15, int(max(smooth.shape) * _BLOCK_SHARE))
    small = shrunk(smooth, _COARSE)
    side = block // _COARSE | 1
    mean = cv2.blur(small, (side, side), borderType=cv2.BORDER_REPLICATE)
    size = (small.shape[1] * _COARSE, small.shape[0] * _COARSE)
    around = cv2.resize(mean, size, interpolation=cv2.INTER_LINEAR)
    cv2.subtract(around, smooth[: size[1], : size[0]], dst=around)
    cv2.threshold(around, offset - 1, 255, cv2.THRESH_BINARY, dst=around)
    return around


def _round(outline: Any) -> tuple[float, float, float] | None:
    """Centre and radius of an outline that an ellipse of small eccentricity would have."""
    _, _, w, h = cv2.boundingRect(outline)
    if not (_SIZES[0] <= w <= _SIZES[1] and _SIZES[0] <= h <= _SIZES[1] and 0.5 < w / h < 2.0):
        return None
    area = cv2.contourArea(outline)
    if not 0.66 < area / (w * h) < 0.90:
        return None
    hull = cv2.contourArea(cv2.convexHull(outline))
    if hull <= 0 or area / hull < 0.88:
        return None
    moments = cv2.moments(outline)
    return (
        moments["m10"] / moments["m00"],
        moments["m01"] / moments["m00"],
        sqrt(area / pi),
    )


def _merged(centers: Floats, radii: Floats) -> Rounds:
    """Keep the largest of outlines that share a centre."""
    order = np.argsort(-radii)
    centers, radii = centers[order], radii[order]
    kept: list[int] = []
    cells: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    for index, (x, y, radius) in enumerate(np.column_stack([centers, radii]).tolist()):
        column, row = int(x // 32), int(y // 32)
        if any(
            hypot(x - other[0], y - other[1]) < 0.5 * other[2]
            for across in (column - 1, column, column + 1)
            for down in (row - 1, row, row + 1)
            for other in cells.get((across, down), ())
        ):
            continue
        kept.append(index)
        cells.setdefault((column, row), []).append((x, y, radius))
    return Rounds(centers[kept], radii[kept])
