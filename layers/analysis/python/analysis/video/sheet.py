"""The paper of a filmed page, cut out of its frame with the light evened.

Paper is told from the desk by its tint, which a shadow leaves alone, not by its brightness: the
lit half of a page would otherwise be taken for the page.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image
from analysis.page_geometry import even_light

_SMALL = 320
"""px of the long side at which paper is looked for."""

_DARKEST = (0.22, 0.35, 0.5, 0.65, 0.8)
"""Shares of the light of the brightest paper that the darkest may have; a desk of the paper's own
tint needs the later ones, at which a page in deep shadow would be cut."""

_TINT = 0.035
"""Distance in (b, g, r) / (b + g + r) within which a tint is the paper's."""

_LEAST, _MOST = 0.2, 0.93
"""Shares of the frame that a page covers if it is cut out."""

_SOLID, _SQUARE = 0.955, 0.88
"""Shares of its convex outline, and of the rectangle around it, that a page fills: 0.97 and 0.92 or
more on the films looked at, a page with some of its desk or without its shadow 0.95 or 0.85."""


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A page's BGR picture and where its upper left corner lies in the frame, px."""

    picture: Image
    left: int = 0
    top: int = 0


def paper_of(picture: Image) -> Paper:
    """Cut the paper out of an upright BGR frame; evenly lit, white around it.

    A frame in which no page stands out comes back as it is.
    """
    outline = _outline(picture)
    if outline is None:
        return Paper(picture)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    gain = cv2.divide(even_light(grey), np.maximum(grey, 1), dtype=cv2.CV_32F)
    lit = np.clip(picture * gain[:, :, None], 0, 255).astype(np.uint8)
    inside = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(inside, outline, 1)
    lit[inside == 0] = 255
    x, y, w, h = cv2.boundingRect(outline)
    left, top = max(0, x), max(0, y)
    return Paper(np.ascontiguousarray(lit[top : y + h, left : x + w]), left, top)


def _outline(picture: Image) -> NDArray[np.int32] | None:
    """Convex outline [n, 1, 2] px of the paper, a little inside its rim."""
    scale = _SMALL / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    values = cv2.GaussianBlur(small, (5, 5), 0).astype(np.float32) + 1
    light = values.sum(axis=2)
    tint = values / light[:, :, None]
    bright = light >= np.quantile(light, 0.92)
    paper = np.median(tint[bright], axis=0)
    near = np.linalg.norm(tint - paper, axis=2) < _TINT
    for darkest in _DARKEST:
        hull = _largest(near & (light > darkest * np.median(light[bright])))
        if hull is not None:
            centre = hull.mean(axis=0)
            return np.asarray(np.rint((centre + 0.985 * (hull - centre)) / scale), np.int32)
    return None


def _largest(chosen: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Outline of the largest patch if that can be a page."""
    mask = cv2.morphologyEx(chosen.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    patch = max(contours, key=cv2.contourArea)
    hull = cv2.convexHull(patch)
    area = cv2.contourArea(hull)
    _, (long, short), _ = cv2.minAreaRect(hull)
    covers = _LEAST <= area / mask.size <= _MOST
    solid = cv2.contourArea(patch) >= _SOLID * area
    if not (covers and solid and area >= _SQUARE * long * short):
        return None
    return np.asarray(hull, np.float64)
