"""Lay a template on a picture and prove that it lies right.

Bubble sheets are lattices, and a lattice laid on one column off still matches well: that, not
noise, is how a reader goes silently wrong. True fits match 0.93-1.00 of the bubbles, fits one
pitch off at most 0.84; so a fit must reach `ACCEPT`, and its neighbours one pitch away are tried
before it is believed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image
from analysis.omr.bubble_finder import find_rounds
from analysis.omr.mapping import SheetMap, project
from analysis.omr.nearest_round import NearestRound
from analysis.omr.pose import Markers, Pose, find_markers, poses
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Grey = NDArray[Any]
Indices = NDArray[np.intp]

ACCEPT = 0.88
"""Share of the bubbles inside the picture that must be found where the template says."""

SURE = 0.97
"""Share from which further guesses are not tried."""

LONG_SIDE = 2000
"""px the picture is worked on at; a bubble of 2.5 mm radius is then some 17 px."""

_ENLARGE_FROM, _ENLARGE_MOST = 1.3, 2.0
"""Smaller pictures are enlarged: at 100 dpi an outline is a pixel wide and breaks."""

_BILINEAR_FROM = 0.6
"""Shrinking down to here, bilinear samples still see nearly every pixel, four times as fast."""

_GATE = 0.45
"""Radii within which a candidate counts as the bubble it should be."""

_MARKER_SHARE = 0.45
"""Pitches that markers may lie off: the field is loose at the corners of curled paper."""

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
class Registration:
    """Where the sheet lies in the full picture, and how well that is proven.

    `matched` is the share of visible bubbles found in place, `residual_mm` their median distance
    from it, `visible` (n,) tells which bubbles are wholly inside the picture, `places` (n, 2) px
    are the bubbles' centres, mended by what their neighbours show.
    """

    sheet_map: SheetMap
    method: str
    matched: float
    residual_mm: float
    curl_mm: float
    rotation: int
    visible: NDArray[np.bool_]
    places: Floats

    def scaled(self, factor: float) -> "Registration":
        """The same sheet in a picture `factor` times as large."""
        up = np.diag([factor, factor, 1.0])
        old = self.sheet_map
        field = None if old.field is None else old.field * factor
        sheet_map = replace(old, homography=up @ old.homography, field=field)
        return replace(self, sheet_map=sheet_map, places=self.places * factor)

    @property
    def accepted(self) -> bool:
        """Whether the fit is proven."""
        return self.matched >= ACCEPT


def register(grey: Grey, template: Template) -> Registration | None:
    """Find the sheet in a uint8 picture; None where no guess fits at all."""
    work, scale = _enlarged(grey)
    rounds = find_rounds(work)
    if len(rounds.radii) < 8:
        return None
    page = _Page(template, NearestRound.of(rounds, work.shape), work.shape)
    markers = find_markers(work, template)
    best = _best(page, poses(work, rounds, template, markers))
    if best is None:
        return None
    if best.score < SURE or best.step_off:
        best = _best_neighbour(best, page)
    if best.step_off or _elsewhere(best, markers, template):
        best = replace(best, score=0.0)
    return _result(best, page).scaled(1 / scale)


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """A template and the outlines of the picture it is to be laid on."""

    template: Template
    outlines: NearestRound
    shape: tuple[int, ...]


def _best(page: _Page, guesses: Iterable[Pose]) -> "_Fit | None":
    """Draw every guess near, then fit the nearest few to the end until one is sure."""
    drawn = []
    for pose in guesses:
        near = _drawn(pose, page)
        if near is None:
            continue
        share = _share(near.homography, page)
        if share >= SURE or pose.method == "aruco":
            fit = _bent(near, page)
            if fit.score >= SURE and not fit.step_off:
                return fit
        drawn.append((share, near))
    drawn.sort(key=lambda item: -item[0])
    best: _Fit | None = None
    for _, near in drawn[:_WORTH]:
        fit = _bent(near, page)
        if best is None or fit.score > best.score:
            best = fit
        if best.score >= SURE:
            break
    return best


def working_copy(image: Image) -> tuple[Image, float]:
    """A BGR picture shrunk to at most LONG_SIDE px, and its scale."""
    scale = min(1.0, LONG_SIDE / max(image.shape))
    if scale > 1 / _ENLARGE_FROM:
        return image, 1.0
    method = cv2.INTER_LINEAR if scale > _BILINEAR_FROM else cv2.INTER_AREA
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=method)
    return np.asarray(small, np.uint8), scale


def _enlarged(grey: Grey) -> tuple[Grey, float]:
    """A picture at a size at which thin outlines hold together, and its scale."""
    scale = LONG_SIDE / max(grey.shape)
    if scale < _ENLARGE_FROM:
        return grey, 1.0
    scale = min(scale, _ENLARGE_MOST)
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), scale


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """A map, the share of bubbles it finds, and whether a block fits as well one step off."""

    sheet_map: SheetMap
    method: str
    score: float
    residual: float
    step_off: bool


def _drawn(pose: Pose, page: _Page) -> Pose | None:
    """Iterate closest points: affine with a wide gate first, then homography."""
    homography = pose.homography
    if not _plausible(homography, page):
        return None
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


def _share(homography: Floats, page: _Page) -> float:
    """Share of the bubbles that a homography brings within a radius of an outline."""
    sheet_map = SheetMap(homography, (page.template.width, page.template.height))
    return len(_pairs(sheet_map, page, 1.0)[0]) / len(page.template.centers)


def _bent(pose: Pose, page: _Page) -> _Fit:
    """Let the sheet curl: a field that grows finer as its bubbles come nearer."""
    template = page.template
    sheet_map = SheetMap(pose.homography, (template.width, template.height))
    for gate, degree in _BENDING:
        bubbles, rounds = _pairs(sheet_map, page, gate)
        held = max((d for d, n in _LEAST_FOR_DEGREE.items() if len(bubbles) >= n), default=0)
        if not held:
            break
        source, target = template.centers[bubbles], page.outlines.rounds.centers[rounds]
        sheet_map = sheet_map.fitted(source, target, min(degree, held))
    return _scored(sheet_map, pose.method, page)


def _fitted(source: Floats, target: Floats, *, affine: bool) -> Floats | None:
    if affine:
        matrix, _ = cv2.estimateAffine2D(
            source, target, method=cv2.RANSAC, ransacReprojThreshold=12, maxIters=_TRIALS
        )
        return None if matrix is None else np.vstack([matrix, [0.0, 0.0, 1.0]])
    matrix, _ = cv2.findHomography(source, target, cv2.RANSAC, 6.0, maxIters=_TRIALS)
    return None if matrix is None else np.asarray(matrix, np.float64)


def _plausible(homography: Floats, page: _Page) -> bool:
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


def _pairs(sheet_map: SheetMap, page: _Page, gate: float) -> tuple[Indices, Indices]:
    """Bubbles and outlines that are each other's nearest within `gate` radii."""
    radii = _expected_radii(sheet_map, page.template)
    return page.outlines.met(sheet_map(page.template.centers), radii, gate)


def _expected_radii(sheet_map: SheetMap, template: Template) -> Floats:
    side = sheet_map(template.centers + [1.0, 0.0]) - sheet_map(template.centers)
    down = sheet_map(template.centers + [0.0, 1.0]) - sheet_map(template.centers)
    scale = np.sqrt(np.abs(side[:, 0] * down[:, 1] - side[:, 1] * down[:, 0]))
    return np.asarray(np.maximum(1e-6, scale * np.sqrt(template.radii.prod(axis=1))))


def _inside(sheet_map: SheetMap, template: Template, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    places = sheet_map(template.centers)
    reach = 1.1 * _expected_radii(sheet_map, template)[:, None]
    limit = np.array([shape[1], shape[0]])
    return np.asarray(((places - reach >= 0) & (places + reach <= limit)).all(axis=1))


def _scored(sheet_map: SheetMap, method: str, page: _Page) -> _Fit:
    template = page.template
    bubbles, rounds = _pairs(sheet_map, page, _GATE)
    visible = _inside(sheet_map, template, page.shape)
    seen = int(visible.sum())
    if seen < 0.5 * len(visible) or not len(bubbles):
        return _Fit(sheet_map, method, 0.0, np.inf, step_off=True)
    offset = sheet_map(template.centers[bubbles]) - page.outlines.rounds.centers[rounds]
    residual = float(np.median(np.hypot(offset[:, 0], offset[:, 1])))
    score = float(visible[bubbles].sum()) / seen
    off = _one_step_off(sheet_map, page)
    return _Fit(sheet_map, method, score, residual, step_off=off)


def _best_neighbour(fit: _Fit, page: _Page) -> _Fit:
    """Try the fits one pitch away in each direction; a lattice may have been met a step off."""
    template, best = page.template, fit
    for step in _pitches(template.centers, float(template.radii.mean())):
        moved = fit.sheet_map.homography @ np.array(
            [[1, 0, step[0]], [0, 1, step[1]], [0, 0, 1]], dtype=np.float64
        )
        near = _drawn(Pose(moved, fit.method), page)
        other = None if near is None else _bent(near, page)
        if other is not None and other.score > best.score + 1e-9:
            best = other
    return best


def _elsewhere(fit: _Fit, markers: Markers | None, template: Template) -> bool:
    """Whether the sheet's markers lie half a pitch or more from where the bubbles put them."""
    if markers is None:
        return False
    steps = _pitches(template.centers, float(template.radii.mean()))
    pitch = min((abs(x) + abs(y) for x, y in steps), default=float(template.radii.mean() * 4))
    offset = fit.sheet_map(markers.sheet) - markers.picture
    distance = float(np.median(np.hypot(offset[:, 0], offset[:, 1])))
    return distance > _MARKER_SHARE * pitch * fit.sheet_map.pixels_per_mm()


def _one_step_off(sheet_map: SheetMap, page: _Page) -> bool:
    """Whether some block of bubbles would fit as well one pitch further.

    A block laid one column or row off leaves its last line empty and misses the printed line
    before its first; so does a form of fewer choices or rows laid on a larger one. Where a block
    is right, a step loses a whole line.
    """
    template = page.template
    tries = [
        (block, np.array(step))
        for block in template.blocks
        for step in (
            (0.0, 0.0),
            *_pitches(template.centers[block], float(template.radii[block].mean())),
        )
    ]
    moved = np.concatenate([template.centers[block] + step for block, step in tries])
    radii = _expected_radii(sheet_map, template)[np.concatenate([block for block, _ in tries])]
    places, start, here = sheet_map(moved), 0, 0
    for block, step in tries:
        part = slice(start, start := start + len(block))
        found = len(page.outlines.met(places[part], radii[part], _GATE)[0])
        if not step.any():
            here = found
        elif found >= here:
            return True
    return False


def _pitches(centers: Floats, size: float) -> list[tuple[float, float]]:
    """Steps in mm, both ways, from a bubble to its neighbours in its row and its column."""
    offset = centers[None] - centers[:, None]
    along_x = offset[(np.abs(offset[..., 1]) < size) & (offset[..., 0] > size)][:, 0]
    along_y = offset[(np.abs(offset[..., 0]) < size) & (offset[..., 1] > size)][:, 1]
    steps: list[tuple[float, float]] = []
    if along_x.size:
        steps += [(float(along_x.min()), 0.0), (-float(along_x.min()), 0.0)]
    if along_y.size:
        steps += [(0.0, float(along_y.min())), (0.0, -float(along_y.min()))]
    return steps


def _settled(sheet_map: SheetMap, page: _Page) -> Floats:
    """Centres moved by the median of what the nearest found bubbles are off by.

    A bubble's own outline is one voice of many: a mark pulls the centre of what is seen.
    """
    template = page.template
    places = sheet_map(template.centers)
    bubbles, rounds = _pairs(sheet_map, page, _GATE)
    if len(bubbles) < _NEIGHBOURS:
        return places
    offset = page.outlines.rounds.centers[rounds] - places[bubbles]
    apart = template.centers[:, None] - template.centers[bubbles][None]
    near = np.argsort((apart**2).sum(axis=2), axis=1)[:, :_NEIGHBOURS]
    return np.asarray(places + np.median(offset[near], axis=1))


def _result(fit: _Fit, page: _Page) -> Registration:
    template, sheet_map = page.template, fit.sheet_map
    pixels = sheet_map.pixels_per_mm()
    bend = sheet_map(template.centers) - project(sheet_map.homography, template.centers)
    across = sheet_map(np.array([[0.0, 0.0], [template.width, 0.0]]))
    angle = np.degrees(np.arctan2(*(across[1] - across[0])[::-1]))
    return Registration(
        sheet_map=sheet_map,
        method=fit.method,
        matched=fit.score,
        residual_mm=fit.residual / pixels,
        curl_mm=float(np.hypot(bend[:, 0], bend[:, 1]).max() / pixels),
        rotation=int(round(angle / 90.0) * 90) % 360,
        visible=_inside(sheet_map, template, page.shape),
        places=_settled(sheet_map, page),
    )
