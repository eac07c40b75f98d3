"""Fit a template to the round outlines of a picture: closest points, then a field for curl."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.lattice import nearest, pitches
from analysis.omr.mapping import SheetMap, project
from analysis.omr.nearest_round import NearestRound
from analysis.omr.pose import Pose
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

SURE = 0.97
"""Share from which neighbouring fits are not tried."""

_ENOUGH = 0.93
"""Share from which further guesses are not tried: right fits reach it, others 0.84 at most."""

_GATE = 0.45
"""Radii within which a candidate counts as the bubble it should be."""

_CLOSING = (3.0, 2.2, 1.6, 1.2)
"""Gates in radii while a guess is drawn onto the outlines; the first two steps are affine."""

_BENDING = ((1.8, 3), (1.5, 3), (1.2, 3), (1.1, 5), (1.0, 5), (0.9, 7), (0.7, 7), (0.55, 7))
"""Gate in radii and degree of the field: wide and stiff at first, as curl moves far ends most."""

_LEAST_FOR_DEGREE = {3: 30, 5: 60, 7: 100}
"""Bubbles that must hold a field of a degree."""

_TRIALS = 60
"""Samples a robust fit draws: closest points within a gate are mostly right already."""

_WORTH = 4
"""Guesses that are fitted to the end, the best drawn first."""

_NEIGHBOURS = 5
"""Found bubbles whose offsets settle the place of one."""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A template and the outlines of the picture it is to be laid on."""

    template: Template
    outlines: NearestRound
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A map, the share of bubbles it finds, and whether a block fits as well one step off."""

    sheet_map: SheetMap
    method: str
    score: float
    residual: float
    step_off: bool


def best_fit(page: Page, guesses: Iterable[Pose]) -> Fit | None:
    """Fit printed markers as they lie, draw other guesses near; end the nearest few, or a sure one.

    Markers are not drawn: on curled paper a flat sheet drawn to its bubbles slides a step off.
    """
    size = (page.template.width, page.template.height)
    best: Fit | None = None
    drawn = []
    for pose in _likely_first(guesses, page):
        near = pose if pose.method == "aruco" else _drawn(pose, page)
        if near is None:
            continue
        flat = SheetMap(near.homography, size)
        share = _share(flat, page, 1.0)
        if share < _ENOUGH and near is not pose:
            drawn.append((share, flat, pose.method))
            continue
        fit = _bent(flat, pose.method, page)
        if fit.score >= _ENOUGH and not fit.step_off:
            return fit
        best = _better(best, fit)
    drawn.sort(key=lambda item: -item[0])
    for _, flat, method in drawn[:_WORTH]:
        if best is not None and best.score >= _ENOUGH:
            break
        best = _better(best, _bent(flat, method, page))
    return best


def _likely_first(guesses: Iterable[Pose], page: Page) -> Iterator[Pose]:
    """Of the turns that one rectangle gives, try those first that meet most as they are."""
    size = (page.template.width, page.template.height)
    for _, turns in groupby(guesses, key=lambda pose: pose.method):
        shares = [
            (_share(SheetMap(pose.homography, size), page, 1.0), pose)
            for pose in turns
            if pose.method == "aruco" or _plausible(pose.homography, page)
        ]
        yield from (pose for _, pose in sorted(shares, key=lambda item: -item[0]))


def _share(sheet_map: SheetMap, page: Page, gate: float) -> float:
    return len(_pairs(sheet_map, page, gate)[0]) / len(page.template.centers)


def _better(best: Fit | None, fit: Fit) -> Fit:
    return fit if best is None or fit.score > best.score else best


def best_neighbour(fit: Fit, page: Page) -> Fit:
    """Try the fits one pitch away in each direction; a lattice may have been met a step off."""
    template, best = page.template, fit
    for step in pitches(template.centers, float(template.radii.mean())):
        moved = fit.sheet_map.homography @ np.array(
            [[1, 0, step[0]], [0, 1, step[1]], [0, 0, 1]], dtype=np.float64
        )
        other = _bent(replace(fit.sheet_map, homography=moved), fit.method, page)
        if other.score > best.score + 1e-9:
            best = other
    return best


def _drawn(pose: Pose, page: Page) -> Pose | None:
    """Iterate closest points: affine with a wide gate first, then homography."""
    homography = pose.homography
    size = (page.template.width, page.template.height)
    for step, gate in enumerate(_CLOSING):
        bubbles, rounds = _pairs(SheetMap(homography, size), page, gate)
        if len(bubbles) < 8:
            return None
        source, target = page.template.centers[bubbles], page.outlines.rounds.centers[rounds]
        matrix = _fitted(source, target, affine=step < 2)
        if matrix is None or not _plausible(matrix, page):
            return None
        homography = matrix
    return Pose(homography, pose.method)


def _bent(sheet_map: SheetMap, method: str, page: Page) -> Fit:
    """Let the sheet curl: a field that grows finer as its bubbles come nearer.

    A sheet that lies flat has met them all after the first step, and goes on to the last.
    """
    centers = page.template.centers
    step, last = 0, len(_BENDING) - 1
    while step <= last:
        gate, degree = _BENDING[step]
        bubbles, rounds = _pairs(sheet_map, page, gate)
        held = max((d for d, n in _LEAST_FOR_DEGREE.items() if len(bubbles) >= n), default=0)
        if not held:
            break
        target = page.outlines.rounds.centers[rounds]
        sheet_map = sheet_map.fitted(centers, bubbles, target, min(degree, held))
        flat = step == 0 and _share(sheet_map, page, _BENDING[last][0]) >= SURE
        step = last if flat else step + 1
    return _scored(sheet_map, method, page)


def _fitted(source: Floats, target: Floats, *, affine: bool) -> Floats | None:
    if affine:
        matrix, _ = cv2.estimateAffine2D(
            source, target, method=cv2.RANSAC, ransacReprojThreshold=12, maxIters=_TRIALS
        )
        return None if matrix is None else np.vstack([matrix, [0.0, 0.0, 1.0]])
    matrix, _ = cv2.findHomography(source, target, cv2.RANSAC, 6.0, maxIters=_TRIALS)
    return None if matrix is None else np.asarray(matrix, np.float64)


def _plausible(homography: Floats, page: Page) -> bool:
    """Not mirrored, not folded, and of a size that could be read."""
    width, height = page.template.width, page.template.height
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    if (corners @ homography[2, :2] + homography[2, 2] <= 1e-6).any():
        return False
    quad = project(homography, corners).astype(np.float32)
    area = cv2.contourArea(quad, oriented=True)
    longest = 4.0 * max(page.shape[:2])
    large = area > 0.03 * page.shape[0] * page.shape[1]
    return large and bool((np.abs(quad) < longest).all())


def _pairs(sheet_map: SheetMap, page: Page, gate: float) -> tuple[Indices, Indices]:
    """Bubbles and outlines that are each other's nearest within `gate` radii."""
    centers = page.template.centers
    radii = _expected_radii(sheet_map, centers, page.template.radii)
    return page.outlines.met(sheet_map(centers), radii, gate)


def _expected_radii(sheet_map: SheetMap, centers: Floats, radii: Floats) -> Floats:
    return np.asarray(
        np.maximum(1e-6, sheet_map.scale_at(centers) * np.sqrt(radii[:, 0] * radii[:, 1]))
    )


def inside(sheet_map: SheetMap, template: Template, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which bubbles (n,) lie wholly inside a picture of `shape`."""
    places = sheet_map(template.centers)
    reach = 1.1 * _expected_radii(sheet_map, template.centers, template.radii)[:, None]
    limit = np.array([shape[1], shape[0]])
    return np.asarray(((places - reach >= 0) & (places + reach <= limit)).all(axis=1))


def _scored(sheet_map: SheetMap, method: str, page: Page) -> Fit:
    template = page.template
    bubbles, rounds = _pairs(sheet_map, page, _GATE)
    visible = inside(sheet_map, template, page.shape)
    seen = int(visible.sum())
    if seen < 0.5 * len(visible) or not len(bubbles):
        return Fit(sheet_map, method, 0.0, np.inf, step_off=True)
    offset = sheet_map(template.centers[bubbles]) - page.outlines.rounds.centers[rounds]
    residual = float(np.median(np.hypot(offset[:, 0], offset[:, 1])))
    score = float(visible[bubbles].sum()) / seen
    off = _one_step_off(sheet_map, page)
    return Fit(sheet_map, method, score, residual, step_off=off)


def _one_step_off(sheet_map: SheetMap, page: Page) -> bool:
    """Whether some block of bubbles would fit as well one pitch further.

    A block laid one column or row off leaves its last line empty and misses the printed line
    before its first; so does a form of fewer choices or rows laid on a larger one. Where a block
    is right, a step loses a whole line.
    """
    steps = _block_steps(page.template)
    radii = _expected_radii(sheet_map, steps.centers, steps.radii)
    places, here = sheet_map(steps.centers), 0
    for part, still in steps.parts:
        found = len(page.outlines.met(places[part], radii[part], _GATE)[0])
        if still:
            here = found
        elif found >= here:
            return True
    return False


@dataclass(frozen=True, slots=True, eq=False)
class _BlockSteps:
    """Every block of a template where it is and one pitch further: `centers` and `radii` (m, 2)
    mm, and the `parts` of them that are one block, with whether it stands where it is."""

    centers: Floats
    radii: Floats
    parts: tuple[tuple[slice, bool], ...]


@lru_cache(maxsize=8)
def _block_steps(template: Template) -> _BlockSteps:
    centers, radii, parts = [], [], []
    start = 0
    for block in template.blocks:
        ways = pitches(template.centers[block], float(template.radii[block].mean()))
        for step in ((0.0, 0.0), *ways):
            centers.append(template.centers[block] + step)
            radii.append(template.radii[block])
            parts.append((slice(start, start + len(block)), step == (0.0, 0.0)))
            start += len(block)
    return _BlockSteps(np.concatenate(centers), np.concatenate(radii), tuple(parts))


def settled(sheet_map: SheetMap, page: Page) -> Floats:
    """Centres moved by the median of what the nearest found bubbles are off by.

    A bubble's own outline is one voice of many: a mark pulls the centre of what is seen.
    """
    template = page.template
    places = sheet_map(template.centers)
    bubbles, rounds = _pairs(sheet_map, page, _GATE)
    if len(bubbles) < _NEIGHBOURS:
        return places
    offset = page.outlines.rounds.centers[rounds] - places[bubbles]
    near = nearest(template.centers, template.centers[bubbles], _NEIGHBOURS)
    return np.asarray(places + np.median(offset[near], axis=1))
