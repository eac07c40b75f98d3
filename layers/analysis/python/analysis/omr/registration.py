"""Lay a template on a picture and prove that it lies right.

Bubble sheets are lattices, and a lattice laid on one column off still matches well: that, not
noise, is how a reader goes silently wrong. True fits match 0.93-1.00 of the bubbles, fits one
pitch off at most 0.84; so a fit must reach `ACCEPT`, and its neighbours one pitch away are tried
before it is believed.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.bubble_finder import Rounds, find_rounds
from analysis.omr.mapping import SheetMap, project
from analysis.omr.pose import Markers, Pose, find_markers, poses
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Grey = NDArray[Any]

ACCEPT = 0.88
"""Share of the bubbles inside the picture that must be found where the template says."""

SURE = 0.97
"""Share from which further guesses are not tried."""

LONG_SIDE = 2000
"""px the picture is worked on at; a bubble of 2.5 mm radius is then some 17 px."""

_ENLARGE_FROM, _ENLARGE_MOST = 1.3, 2.0
"""Smaller pictures are enlarged: at 100 dpi an outline is a pixel wide and breaks."""

_GATE = 0.45
"""Radii within which a candidate counts as the bubble it should be."""

_MARKER_SHARE = 0.45
"""Pitches that markers may lie off: the cubic field is loose at the corners of curled paper."""

_BENDING = (1.6, 1.4, 1.2, 1.2, 1.0, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Gates in radii while the field is fitted: wide at first, as curl moves far ends most."""

_NEIGHBOURS = 5
"""Found bubbles whose offsets settle the place of one."""

_LIKE_SIZE = (0.6, 1.55)
"""A bubble's radius in the picture over the expected one."""


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

    @property
    def accepted(self) -> bool:
        """Whether the fit is proven."""
        return self.matched >= ACCEPT


def register(grey: Grey, template: Template) -> Registration | None:
    """Find the sheet in a uint8 picture; None where no guess fits at all."""
    work, scale = _working_copy(grey)
    rounds = find_rounds(work)
    if len(rounds.radii) < 8:
        return None
    best: _Fit | None = None
    markers = find_markers(work, template)
    for pose in poses(work, rounds, template, markers):
        fit = _refined(pose, rounds, template, work.shape)
        if fit is not None and (best is None or fit.score > best.score):
            best = fit
        if best is not None and best.score >= SURE:
            break
    if best is None:
        return None
    if best.score < SURE or _one_step_off(best.sheet_map, rounds, template):
        best = _best_neighbour(best, rounds, template, work.shape)
    if _one_step_off(best.sheet_map, rounds, template) or _elsewhere(best, markers, template):
        best = _Fit(best.sheet_map, best.method, 0.0, best.residual)
    places = _settled(best.sheet_map, rounds, template) / scale
    return _result(best, scale, template, grey.shape, places)


def _working_copy(grey: Grey) -> tuple[Grey, float]:
    """The picture at a size at which thin outlines hold together, and its scale."""
    scale = LONG_SIDE / max(grey.shape)
    if 1.0 <= scale < _ENLARGE_FROM:
        return grey, 1.0
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scale = min(scale, _ENLARGE_MOST)
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method), scale


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    sheet_map: SheetMap
    method: str
    score: float
    residual: float


def _refined(pose: Pose, rounds: Rounds, template: Template, shape: tuple[int, ...]) -> _Fit | None:
    """Iterate closest points: affine with a wide gate first, then homography, then the field."""
    size = (template.width, template.height)
    homography = pose.homography
    if not _plausible(homography, template, shape):
        return None
    for step, gate in enumerate((3.0, 2.2, 1.6, 1.2, 0.9, 0.7, 0.6, 0.6)):
        found = _pairs(SheetMap(homography, size), rounds, template, gate)
        if len(found[0]) < 8:
            return None
        matrix = _fitted(template.centers[found[0]], rounds.centers[found[1]], affine=step < 2)
        if matrix is None or not _plausible(matrix, template, shape):
            return None
        homography = matrix
    return _bent(SheetMap(homography, size), pose.method, rounds, template, shape)


def _bent(
    sheet_map: SheetMap, method: str, rounds: Rounds, template: Template, shape: tuple[int, ...]
) -> _Fit:
    for gate in _BENDING:
        found = _pairs(sheet_map, rounds, template, gate)
        if len(found[0]) < 30:
            break
        source = template.centers[found[0]]
        sheet_map = sheet_map.bent(source, rounds.centers[found[1]] - sheet_map(source))
    return _scored(sheet_map, method, rounds, template, shape)


def _fitted(source: Floats, target: Floats, *, affine: bool) -> Floats | None:
    if affine:
        matrix, _ = cv2.estimateAffine2D(
            source, target, method=cv2.RANSAC, ransacReprojThreshold=12
        )
        return None if matrix is None else np.vstack([matrix, [0.0, 0.0, 1.0]])
    matrix, _ = cv2.findHomography(source, target, cv2.RANSAC, 6.0)
    return None if matrix is None else np.asarray(matrix, np.float64)


def _plausible(homography: Floats, template: Template, shape: tuple[int, ...]) -> bool:
    """Not mirrored, not folded, and of a size that could be read."""
    corners = np.array(
        [[0, 0], [template.width, 0], [template.width, template.height], [0, template.height]],
        dtype=np.float64,
    )
    if (corners @ homography[2, :2] + homography[2, 2] <= 1e-6).any():
        return False
    quad = project(homography, corners).astype(np.float32)
    area = cv2.contourArea(quad, oriented=True)
    longest = 4.0 * max(shape[:2])
    return area > 0.03 * shape[0] * shape[1] and bool((np.abs(quad) < longest).all())


def _pairs(
    sheet_map: SheetMap, rounds: Rounds, template: Template, gate: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Bubbles and candidates that are each other's nearest within `gate` radii."""
    expected = sheet_map(template.centers)
    radii = _expected_radii(sheet_map, template)
    offset = expected[:, None] - rounds.centers[None]
    distance = np.hypot(offset[..., 0], offset[..., 1]) / radii[:, None]
    ratio = rounds.radii[None] / radii[:, None]
    distance[(ratio < _LIKE_SIZE[0]) | (ratio > _LIKE_SIZE[1])] = np.inf
    nearest = distance.argmin(axis=1)
    back = distance.argmin(axis=0)
    bubbles = np.arange(len(expected))
    good = (back[nearest] == bubbles) & (distance[bubbles, nearest] < gate)
    return np.flatnonzero(good), nearest[good]


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


def _scored(
    sheet_map: SheetMap, method: str, rounds: Rounds, template: Template, shape: tuple[int, ...]
) -> _Fit:
    bubbles, candidates = _pairs(sheet_map, rounds, template, _GATE)
    visible = _inside(sheet_map, template, shape)
    seen = int(visible.sum())
    if seen < 0.5 * len(visible) or not len(bubbles):
        return _Fit(sheet_map, method, 0.0, np.inf)
    offset = sheet_map(template.centers[bubbles]) - rounds.centers[candidates]
    residual = float(np.median(np.hypot(offset[:, 0], offset[:, 1])))
    return _Fit(sheet_map, method, float(visible[bubbles].sum()) / seen, residual)


def _best_neighbour(fit: _Fit, rounds: Rounds, template: Template, shape: tuple[int, ...]) -> _Fit:
    """Try the fits one pitch away in each direction; a lattice may have been met a step off."""
    best = fit
    for step in _pitches(template.centers, float(template.radii.mean())):
        moved = fit.sheet_map.homography @ np.array(
            [[1, 0, step[0]], [0, 1, step[1]], [0, 0, 1]], dtype=np.float64
        )
        other = _refined(Pose(moved, fit.method), rounds, template, shape)
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


def _one_step_off(sheet_map: SheetMap, rounds: Rounds, template: Template) -> bool:
    """Whether some block of bubbles would fit as well one pitch further.

    A block laid one column or row off leaves its last line empty and misses the printed line
    before its first; so does a form of fewer choices or rows laid on a larger one. Where a block
    is right, a step loses a whole line.
    """
    for block in template.blocks:
        here = len(_found(sheet_map, rounds, template, block, (0.0, 0.0)))
        for step in _pitches(template.centers[block], float(template.radii[block].mean())):
            if len(_found(sheet_map, rounds, template, block, step)) >= here:
                return True
    return False


def _found(
    sheet_map: SheetMap,
    rounds: Rounds,
    template: Template,
    block: NDArray[np.intp],
    step: tuple[float, float],
) -> NDArray[np.intp]:
    """Which bubbles of a block, moved by `step` mm, have a candidate in their place."""
    places = sheet_map(template.centers[block] + step)
    radii = _expected_radii(sheet_map, template)[block]
    offset = places[:, None] - rounds.centers[None]
    ratio = rounds.radii[None] / radii[:, None]
    close = np.hypot(offset[..., 0], offset[..., 1]) < _GATE * radii[:, None]
    alike = (ratio > _LIKE_SIZE[0]) & (ratio < _LIKE_SIZE[1])
    return np.flatnonzero((close & alike).any(axis=1))


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


def _settled(sheet_map: SheetMap, rounds: Rounds, template: Template) -> Floats:
    """Centres moved by the median of what the nearest found bubbles are off by.

    A bubble's own outline is one voice of many: a mark pulls the centre of what is seen.
    """
    places = sheet_map(template.centers)
    bubbles, candidates = _pairs(sheet_map, rounds, template, _GATE)
    if len(bubbles) < _NEIGHBOURS:
        return places
    offset = rounds.centers[candidates] - places[bubbles]
    apart = template.centers[:, None] - template.centers[bubbles][None]
    near = np.argsort(np.hypot(apart[..., 0], apart[..., 1]), axis=1)[:, :_NEIGHBOURS]
    return np.asarray(places + np.median(offset[near], axis=1))


def _result(
    fit: _Fit, scale: float, template: Template, shape: tuple[int, ...], places: Floats
) -> Registration:
    up = np.diag([1 / scale, 1 / scale, 1.0])
    field = None if fit.sheet_map.field is None else fit.sheet_map.field / scale
    sheet_map = SheetMap(up @ fit.sheet_map.homography, fit.sheet_map.size, field)
    pixels = sheet_map.pixels_per_mm()
    flat = project(sheet_map.homography, template.centers)
    bend = sheet_map(template.centers) - flat
    across = sheet_map(np.array([[0.0, 0.0], [template.width, 0.0]]))
    angle = np.degrees(np.arctan2(*(across[1] - across[0])[::-1]))
    return Registration(
        sheet_map=sheet_map,
        method=fit.method,
        matched=fit.score,
        residual_mm=fit.residual / scale / pixels,
        curl_mm=float(np.hypot(bend[:, 0], bend[:, 1]).max() / pixels),
        rotation=int(round(angle / 90.0) * 90) % 360,
        visible=_inside(sheet_map, template, shape),
        places=places,
    )
