"""Laying a page over the picture of its blank: features first, then an image alignment."""

from dataclasses import dataclass

import cv2
import numpy as np

from analysis.page_geometry import Grey, Matrix, even_light

_WORK_SIDE = 1000
"""px; long side at which features are matched: type is still told apart, paper grain is not."""

_MIN_INLIERS = 25
"""Matches that must agree on one homography; unrelated pages reach about 12 by chance."""

_PATCH = 40
"""px at working size; side of the patches that refine the answer."""

_REACH = 8
"""px at working size by which a patch may be off: what ORB's coarser layers leave."""

_MIN_SHARE = 0.2
"""Of the good matches; repeated letters match one another all over a page."""


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """Homography `to_page` (3x3) from pixels of the blank to pixels of the page.

    `inliers` matches agree on it; `agreement` 0-1 is their share.
    """

    to_page: Matrix
    inliers: int
    agreement: float


def register(page: Grey, blank: Grey) -> Registration | None:
    """Find where a blank page (uint8 grey) lies in a picture of it, written on or not.

    Any turn, scale and a camera's perspective; None where the page is another one. ORB features
    and RANSAC, then matched again within a small reach of the first answer.
    """
    page_small, page_scale = _work_size(page)
    blank_small, blank_scale = _work_size(blank)
    orb = cv2.ORB.create(nfeatures=4000, fastThreshold=10)
    page_points, page_words = orb.detectAndCompute(even_light(page_small), None)
    blank_points, blank_words = orb.detectAndCompute(even_light(blank_small), None)
    if page_words is None or blank_words is None or min(len(page_words), len(blank_words)) < 30:
        return None
    pairs = _ratio_matches(blank_words, page_words)
    if len(pairs) < _MIN_INLIERS:
        return None
    source = np.array([blank_points[i].pt for i, _ in pairs], np.float32)
    target = np.array([page_points[j].pt for _, j in pairs], np.float32)
    found, inside = cv2.findHomography(source, target, cv2.RANSAC, 4.0, maxIters=5000)
    matrix = np.asarray(found, np.float64)
    if matrix.shape != (3, 3) or not _plausible(matrix, blank_small.shape):
        return None
    inliers = int(inside.sum())
    if inliers < _MIN_INLIERS or inliers < _MIN_SHARE * len(pairs):
        return None
    full = np.linalg.inv(page_scale) @ matrix @ blank_scale
    return Registration(full / full[2, 2], inliers, inliers / len(pairs))


def _work_size(grey: Grey) -> tuple[Grey, Matrix]:
    """The page at working size and the 3x3 matrix that leads there, pixel centre to centre."""
    scale = min(1.0, _WORK_SIDE / max(grey.shape))
    if scale == 1.0:
        return grey, np.eye(3)
    height, width = grey.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    x, y = size[0] / width, size[1] / height
    there = np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8), there


def _refined(page: Grey, blank: Grey, matrix: Matrix) -> Matrix:
    """Fit again to the places where patches of print correlate best, to a fraction of a pixel."""
    height, width = blank.shape
    laid = cv2.warpPerspective(
        page,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=255,
    )
    here: list[tuple[float, float]] = []
    there: list[tuple[float, float]] = []
    for x, y in _busy_places(blank):
        patch = blank[y : y + _PATCH, x : x + _PATCH]
        field = laid[y - _REACH : y + _PATCH + _REACH, x - _REACH : x + _PATCH + _REACH]
        score = cv2.matchTemplate(field, patch, cv2.TM_CCOEFF_NORMED)
        _, best, _, (u, v) = cv2.minMaxLoc(score)
        if best > 0.5:
            du, dv = _peak(score[v, :], u), _peak(score[:, u], v)
            here.append((x + _PATCH / 2, y + _PATCH / 2))
            there.append((x + _PATCH / 2 + du - _REACH, y + _PATCH / 2 + dv - _REACH))
    if len(here) < 12:
        return matrix
    source, target = np.array(here, np.float32), np.array(there, np.float32)
    small, inside = cv2.findHomography(source, target, cv2.RANSAC, 1.5)
    if small is None or int(inside.sum()) < 12:
        return matrix
    return np.asarray(matrix @ np.asarray(small, np.float64), np.float64)


def _busy_places(blank: Grey) -> list[tuple[int, int]]:
    """Corners of the most printed patch in each cell of an 8 x 12 grid."""
    height, width = blank.shape
    ink = cv2.blur((blank < 160).astype(np.float32), (_PATCH, _PATCH), anchor=(0, 0))
    places: list[tuple[int, int]] = []
    for top in np.linspace(_REACH, height - _PATCH - _REACH, 13).astype(int)[:-1]:
        for left in np.linspace(_REACH, width - _PATCH - _REACH, 9).astype(int)[:-1]:
            cell = ink[top : top + height // 14, left : left + width // 10]
            if cell.size and cell.max() > 0.04:
                v, u = np.unravel_index(int(cell.argmax()), cell.shape)
                places.append((int(left + u), int(top + v)))
    limit_x, limit_y = width - _PATCH - _REACH, height - _PATCH - _REACH
    return [(x, y) for x, y in places if _REACH <= x <= limit_x and _REACH <= y <= limit_y]


def _peak(line: Grey, at: int) -> float:
    """Place of a maximum between samples, by the parabola through its neighbours."""
    if not 0 < at < len(line) - 1:
        return float(at)
    left, middle, right = (float(line[at + step]) for step in (-1, 0, 1))
    bend = left - 2 * middle + right
    return at + (0.5 * (left - right) / bend if bend < -1e-9 else 0.0)


def _ratio_matches(one: Grey, two: Grey) -> list[tuple[int, int]]:
    """Matches clearly better than the runner-up (Lowe's ratio, 0.8)."""
    matcher = cv2.BFMatcher(cv2.NORM_HAMMING)
    found = matcher.knnMatch(one, two, k=2)
    return [
        (best.queryIdx, best.trainIdx)
        for best, second in (pair for pair in found if len(pair) == 2)
        if best.distance < 0.8 * second.distance
    ]


def _plausible(matrix: Matrix, shape: tuple[int, ...]) -> bool:
    """Whether the blank's corners land as a convex quadrilateral of sensible size."""
    height, width = shape[:2]
    corners = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float32)
    quad = cv2.perspectiveTransform(corners, matrix)
    if not np.isfinite(quad).all() or not cv2.isContourConvex(quad):
        return False
    ratio = cv2.contourArea(quad) / (width * height)
    turned_over = cv2.contourArea(quad, oriented=True) * cv2.contourArea(corners, oriented=True) < 0
    return 0.05 < ratio < 20 and not turned_over
