"""Laying a page over the picture of its blank by matching features."""

from dataclasses import dataclass

import cv2
import numpy as np

from analysis.page_geometry import Grey, Matrix, even_light

_WORK_SIDE = 1000
"""px; long side at which features are matched: type is still told apart, paper grain is not."""

_MIN_INLIERS = 25
"""Matches that must agree on one homography; unrelated pages reach about 12 by chance."""

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
    and RANSAC; right to about a thousandth of the page's side.
    """
    page_small, page_scale = _work_size(page)
    blank_small, blank_scale = _work_size(blank)
    page_small, blank_small = even_light(page_small), even_light(blank_small)
    orb = cv2.ORB.create(nfeatures=2500, fastThreshold=10)
    page_points, page_words = orb.detectAndCompute(page_small, None)
    blank_points, blank_words = orb.detectAndCompute(blank_small, None)
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
