"""The paper of a filmed page, cut out of its frame with the light evened.

Paper is told from the desk by its tint, which a shadow leaves alone, not by its brightness: the
lit half of a page would otherwise be taken for the page. Its outline is four straight sides, so
that a thumb, a coloured box or a dark heading at a rim does not bend it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image
from analysis.page_geometry import even_light

_SMALL = 320
"""px of the long side at which paper is looked for."""

_DARKEST = (0.1, 0.22, 0.35, 0.5, 0.65, 0.8)
"""Shares of the light of the brightest paper that the darkest may have; a desk of the paper's own
tint needs the later ones, at which a page in deep shadow would be cut."""

_TINT = 0.035
"""Distance in (b, g, r) / (b + g + r) within which a tint is the paper's."""

_LEAST, _MOST = 0.2, 0.93
"""Shares of the frame that a page covers if it is cut out."""

_FILLED, _SURE = 0.86, 0.95
"""Share that the patch of paper and its four sides must have in common, of all either covers; from
the second on no darker paper is tried."""

_ON_LINE = 0.4
"""Share of a patch's rim that must lie on a side."""

_STEP, _SUDDEN = 0.85, 0.6
"""Light just outside a page's side by that just inside it, at most, and how much of the difference
further off that must make: a shadow's edge is softer."""

_SOLID, _SQUARE = 0.955, 0.88
"""Where no four sides fit: shares of its convex outline, and of the rectangle around it, that a
page fills: 0.97 and 0.92 or more on the films looked at, a page with some of its desk or without
its shadow 0.95 or 0.85."""

_SLOPES = np.linspace(-0.25, 0.25, 101)
"""Slopes tried of a page's sides: 14 degrees either way."""

Mask = NDArray[np.uint8]
Floats = NDArray[np.float64]


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
    near = np.linalg.norm(tint - np.median(tint[bright], axis=0), axis=2) < _TINT
    brightest = float(np.median(light[bright]))
    patches = [_largest(near & (light > darkest * brightest)) for darkest in _DARKEST]
    hull = _four_sided(patches, light, near)
    if hull is None:
        solid = (_solid(patch, light, near) for patch in patches[1:])
        hull = next((found for found in solid if found is not None), None)
    if hull is None:
        return None
    centre = hull.mean(axis=0)
    return np.asarray(np.rint((centre + 0.985 * (hull - centre)) / scale), np.int32).reshape(
        -1, 1, 2
    )


def _largest(chosen: NDArray[np.bool_]) -> Mask:
    """The largest patch (uint8 0/1), its holes filled."""
    mask = cv2.morphologyEx(chosen.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    patch = np.zeros(chosen.shape, np.uint8)
    if contours:
        cv2.fillPoly(patch, [max(contours, key=cv2.contourArea)], (1,))
    return patch


def _four_sided(
    patches: list[Mask], light: NDArray[np.float32], near: NDArray[np.bool_]
) -> Floats | None:
    """Corners [4, 2] of the page that fits one of the patches best; None if none does."""
    best: tuple[float, Floats] | None = None
    for patch in patches:
        if patch.mean() < _LEAST * _FILLED:
            continue
        corners, on_line = _sides(patch)
        inside = np.zeros_like(patch)
        cv2.fillConvexPoly(inside, np.rint(corners).astype(np.int32), (1,))
        common = float((inside & patch).sum() / max(1, (inside | patch).sum()))
        if common < _FILLED or on_line.min() < _ON_LINE:
            continue
        if not (_LEAST <= inside.mean() <= _MOST and _stands_out(corners, light, near)):
            continue
        fit = common + 0.3 * float(on_line.mean())
        if best is None or fit > best[0]:
            best = fit, corners
        if common > _SURE:
            break
    return None if best is None else best[1]


def _sides(patch: Mask) -> tuple[Floats, Floats]:
    """Corners [4, 2] where the lines along a patch's rim meet; share [4] of the rim on each."""
    height, width = patch.shape
    across, down = patch.sum(axis=1), patch.sum(axis=0)
    rows = np.flatnonzero(across > 0.2 * across.max())
    cols = np.flatnonzero(down > 0.2 * down.max())
    left = _line(rows, patch[rows].argmax(axis=1))
    right = _line(rows, width - 1 - patch[rows, ::-1].argmax(axis=1))
    top = _line(cols, patch[:, cols].argmax(axis=0))
    bottom = _line(cols, height - 1 - patch[::-1, cols].argmax(axis=0))
    corners = [_crossing(one, two) for one, two in
               ((left, top), (right, top), (right, bottom), (left, bottom))]  # fmt: skip
    return np.array(corners), np.array([side[2] for side in (left, right, top, bottom)])


def _line(
    along: NDArray[np.int_], place: NDArray[np.int_], width: float = 1.5
) -> tuple[float, float, float]:
    """Slope, offset and share of points of the line `place = slope * along + offset` that most
    points lie on, within 1.5 px (Hough 1962): few stray points do not move it."""
    bins = np.rint((place[:, None] - along[:, None] * _SLOPES) / width).astype(np.int64)
    low = int(bins.min())
    count = int(bins.max()) - low + 2
    rows = (bins - low) + np.arange(len(_SLOPES)) * count
    votes = np.bincount(rows.ravel(), minlength=count * len(_SLOPES)).reshape(-1, count)
    votes[:, 1:] += votes[:, :-1].copy()
    slope, place_of = np.unravel_index(int(votes.argmax()), votes.shape)
    offset = (int(place_of) + low - 0.5) * width
    return float(_SLOPES[slope]), offset, float(votes[slope, place_of] / len(along))


def _crossing(
    upright: tuple[float, float, float], level: tuple[float, float, float]
) -> tuple[float, float]:
    """(x, y) where x = a y + b meets y = c x + d."""
    (a, b, _), (c, d, _) = upright, level
    y = (c * b + d) / (1 - a * c)
    return a * y + b, y


def _stands_out(corners: Floats, light: NDArray[np.float32], near: NDArray[np.bool_]) -> bool:
    """Whether light steps down or the tint changes at each side that lies within the frame."""
    centre = corners.mean(axis=0)
    for one, two in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        out = np.array([two[1] - one[1], one[0] - two[0]])
        out *= np.sign(out @ (one - centre)) / max(float(np.linalg.norm(out)), 1e-9)
        points = one + (two - one) * np.linspace(0.1, 0.9, 40)[:, None]
        beyond = _seen(near, points + 7 * out)
        if np.isfinite(beyond).mean() < 0.5:
            continue
        step, slope = _fall(light, points, 3 * out), _fall(light, points, 9 * out)
        strange = np.nanmean(beyond) < 0.3
        if not strange and not (step <= _STEP and 1 - step >= _SUDDEN * (1 - slope)):
            return False
    return True


def _fall(light: NDArray[np.float32], points: Floats, out: Floats) -> float:
    """Median of the light that far outside by that inside; 1 where the frame ends."""
    outside, inside = _seen(light, points + out), _seen(light, points - out)
    both = np.isfinite(outside) & np.isfinite(inside)
    return float(np.median(outside[both] / inside[both])) if both.any() else 1.0


def _seen(values: NDArray[np.float32] | NDArray[np.bool_], points: Floats) -> Floats:
    """Values [n] at points [n, 2] (x, y); NaN outside the frame."""
    x, y = np.rint(points).astype(np.int64).T
    height, width = values.shape
    within = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    found = np.full(len(points), np.nan)
    found[within] = values[y[within], x[within]]
    return found


def _solid(patch: Mask, light: NDArray[np.float32], near: NDArray[np.bool_]) -> Floats | None:
    """Convex outline [n, 2] of a patch if that can be a page."""
    contours, _ = cv2.findContours(patch, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    hull = cv2.convexHull(contours[0])
    area = cv2.contourArea(hull)
    around = cv2.minAreaRect(hull)
    long, short = around[1]
    covers = _LEAST <= area / patch.size <= _MOST
    solid = cv2.contourArea(contours[0]) >= _SOLID * area
    if not (covers and solid and area >= _SQUARE * long * short):
        return None
    if not _stands_out(np.asarray(cv2.boxPoints(around), np.float64), light, near):
        return None
    return np.asarray(hull, np.float64).reshape(-1, 2)
