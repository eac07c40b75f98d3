"""First guesses of where a sheet lies: markers, the page's outline, the cloud of bubbles."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.bubble_finder import Rounds
from analysis.omr.mapping import project
from analysis.omr.page_quads import clockwise, marks_quads, page_outline, page_outlines
from analysis.omr.shrinking import shrunk
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Grey = NDArray[Any]

_MARKER_SIDE = 900
"""px of a picture's long side at which markers are looked for first, one of 8 mm is 24 px there."""

_MANY_MARKERS, _FEWEST_MARKERS = 3, 2
"""How many suffice at a first glance, and at least: two have eight corners."""

_ONE_WINDOW, _WINDOWS = (3, 3), (3, 23)
"""px of the windows, least and most, that OpenCV thresholds markers in, ten apart; the
smallest alone shows nearly all."""

_LIKE_SHAPE = 0.03
"""Relative difference of width to height within which a picture is the page and no more."""

_LIKE_PROPORTION = 0.35
"""The same, as a logarithm, for a page seen under perspective."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A guess: homography (3, 3) from mm to px, and where it comes from."""

    homography: Floats
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class Markers:
    """Corners of the declared ArUco markers that are in a picture: (n, 2) mm and (n, 2) px."""

    sheet: Floats
    picture: Floats


def poses(
    grey: Grey, rounds: Rounds, template: Template, markers: Markers | None
) -> Iterator[Pose]:
    """Yield guesses, the surest first: each rectangle in all four turns, or the markers' own."""
    marked = marked_pose(markers)
    if marked is not None:
        yield marked
    for pose in _rectangles(grey, rounds, template):
        if marked is None or _turned_alike(pose, marked, template):
            yield pose


def _rectangles(grey: Grey, rounds: Rounds, template: Template) -> Iterator[Pose]:
    page = np.array(
        [[0, 0], [template.width, 0], [template.width, template.height], [0, template.height]],
        dtype=np.float64,
    )
    height, width = grey.shape
    quad = page_outline(grey)
    if quad is not None:
        yield from _turned(page, quad, "page")
    cloud = _cloud(rounds)
    if cloud is not None:
        for shape in (_quad, _box):
            yield from _turned(shape(template.centers), shape(cloud), "bubbles")
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    yield from _turned(page, frame, "frame")


def marked_pose(markers: Markers | None) -> Pose | None:
    """The pose that printed markers alone give."""
    if markers is None:
        return None
    matrix, _ = cv2.findHomography(markers.sheet, markers.picture, cv2.RANSAC, 5.0)
    return None if matrix is None else Pose(np.asarray(matrix, np.float64), "aruco")


def _turned_alike(one: Pose, other: Pose, template: Template) -> bool:
    """Whether the rows of two guesses run the same way, to half of a quarter turn."""
    middle = np.array([template.width, template.height]) / 2
    row = middle + np.array([[0.0, 0.0], [1.0, 0.0]])
    (x, y), (u, v) = (np.diff(project(pose.homography, row), axis=0)[0] for pose in (one, other))
    return bool(x * u + y * v > np.cos(np.pi / 4) * np.hypot(x, y) * np.hypot(u, v))


def upright_poses(grey: Grey, template: Template, *, outline: bool = True) -> Iterator[Pose]:
    """Yield the page as the picture's frame where the two are of like shape, in such turns.

    With `outline`, also as the largest bright quadrilateral in it, in four turns.
    """
    height, width = grey.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    page = np.array(
        [[0, 0], [template.width, 0], [template.width, template.height], [0, template.height]],
        dtype=np.float64,
    )
    wide = template.width / template.height
    for turn, pose in enumerate(_turned(page, corners, "frame")):
        seen = width / height if turn % 2 == 0 else height / width
        if abs(seen / wide - 1.0) < _LIKE_SHAPE:
            yield pose
    quad = page_outline(grey) if outline else None
    if quad is not None:
        yield from _turned(page, quad, "page")


def page_poses(grey: Grey, template: Template) -> Iterator[Pose]:
    """Yield the page as the picture, as a bright sheet in it, and as lying between four marks.

    Of the four turns, those that leave its sides in a like proportion.
    """
    yield from upright_poses(grey, template, outline=False)
    page = np.array(
        [[0, 0], [template.width, 0], [template.width, template.height], [0, template.height]],
        dtype=np.float64,
    )
    wide = template.width / template.height
    sheets = page_outlines(grey)
    named = [(quad, "page") for quad in sheets]
    named += [(quad, "marks") for quad in marks_quads(grey, sheets[0] if sheets else None)]
    for quad, method in named:
        for turn, pose in enumerate(_turned(page, quad, method)):
            sides = np.hypot(*(np.roll(quad, -1, axis=0) - quad).T)
            seen = (sides[0] + sides[2]) / (sides[1] + sides[3])
            seen = seen if turn % 2 == 0 else 1 / seen
            if abs(np.log(seen / wide)) < _LIKE_PROPORTION:
                yield pose


def _turned(source: Floats, target: Floats, method: str) -> Iterator[Pose]:
    for turn in range(4):
        corners = np.roll(target, -turn, axis=0)
        matrix = cv2.getPerspectiveTransform(source.astype(np.float32), corners.astype(np.float32))
        yield Pose(np.asarray(matrix, np.float64), method)


def find_markers(grey: Grey, template: Template) -> Markers | None:
    """Find the declared ArUco markers; None where fewer than two are in the picture.

    A smaller picture and one threshold show them all mostly, in a tenth of the time.
    """
    if not template.fiducials:
        return None
    small = max(1, max(grey.shape) // _MARKER_SIDE)
    glances = (
        (small, _ONE_WINDOW, _MANY_MARKERS),
        (small, _WINDOWS, _FEWEST_MARKERS),
        (1, _WINDOWS, _FEWEST_MARKERS),
    )
    for step, windows, enough in glances:
        seen = _markers(shrunk(grey, step), template, windows)
        if len(seen.sheet) >= 4 * enough:
            return Markers(seen.sheet, seen.picture * step)
    return None


def _markers(grey: Grey, template: Template, windows: tuple[int, int]) -> Markers:
    wanted = {item.marker_id: item for item in template.fiducials}
    dictionary = cv2.aruco.getPredefinedDictionary(
        getattr(cv2.aruco, template.fiducials[0].dictionary, cv2.aruco.DICT_4X4_50)
    )
    limits = cv2.aruco.DetectorParameters()
    limits.adaptiveThreshWinSizeMin, limits.adaptiveThreshWinSizeMax = windows
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary, limits).detectMarkers(grey)
    source: list[list[float]] = []
    target: list[list[float]] = []
    for quad, marker in zip(corners, () if ids is None else ids.ravel(), strict=True):
        item = wanted.get(int(marker))
        if item is None:
            continue
        corner = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * item.size / 2
        source += (np.array(item.center) + corner).tolist()
        target += quad.reshape(4, 2).tolist()
    return Markers(
        np.array(source, np.float64).reshape(-1, 2), np.array(target, np.float64).reshape(-1, 2)
    )


def _cloud(rounds: Rounds) -> Floats | None:
    """Candidates (n, 2) px of the commonest size, strays left out."""
    if len(rounds.radii) < 12:
        return None
    typical = np.median(rounds.radii)
    usual = rounds.centers[np.abs(rounds.radii - typical) < 0.35 * typical]
    if len(usual) < 12:
        return None
    spacing = np.sort(_distances(usual, usual), axis=1)[:, 1:4].mean(axis=1)
    dense = usual[spacing < 3 * np.median(spacing)]
    return dense if len(dense) >= 8 else None


def _quad(points: Floats) -> Floats:
    """Four sides around points: of their hull, the sides whose loss adds least area give way.

    Under perspective the bubbles fill a quadrilateral, not a rectangle.
    """
    hull = cv2.convexHull(points.astype(np.float32), clockwise=False).reshape(-1, 2)
    sides = list(np.asarray(hull, np.float64))
    while len(sides) > 4:
        grown = [_without_side(sides, index) for index in range(len(sides))]
        costs = [np.inf if corner is None else cost for cost, corner in grown]
        index = int(np.argmin(costs))
        corner = grown[index][1]
        if corner is None:
            break
        following = (index + 1) % len(sides)
        sides[index] = corner
        del sides[following]
    return clockwise(np.array(sides)) if len(sides) == 4 else _box(points)


def _without_side(polygon: list[Floats], index: int) -> tuple[float, Floats | None]:
    """Area added, and the corner gained, when the side from corner `index` on is dropped."""
    count = len(polygon)
    before, start = polygon[index - 1].tolist(), polygon[index].tolist()
    end, after = polygon[(index + 1) % count].tolist(), polygon[(index + 2) % count].tolist()
    along = start[0] - before[0], start[1] - before[1]
    back = end[0] - after[0], end[1] - after[1]
    side = end[0] - start[0], end[1] - start[1]
    cross = along[0] * back[1] - along[1] * back[0]
    if abs(cross) < 1e-9:
        return np.inf, None
    reach = (side[0] * back[1] - side[1] * back[0]) / cross
    if reach <= 0:
        return np.inf, None
    corner = start[0] + reach * along[0], start[1] + reach * along[1]
    if (corner[0] - end[0]) * back[0] + (corner[1] - end[1]) * back[1] < 0:
        return np.inf, None
    added = (corner[0] - start[0]) * side[1] - (corner[1] - start[1]) * side[0]
    return abs(added) / 2, np.array(corner)


def _box(points: Floats) -> Floats:
    corners = cv2.boxPoints(cv2.minAreaRect(points.astype(np.float32)))
    return clockwise(np.asarray(corners, np.float64))


def _distances(points: Floats, others: Floats) -> Floats:
    offset = points[:, None] - others[None]
    return np.asarray(np.hypot(offset[..., 0], offset[..., 1]))
