"""Signs that a sheet which fits is not the template's sheet, or lies elsewhere on its page."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.column_places import SLIPPED, runs
from analysis.omr.lattice import least_pitch, pitches
from analysis.omr.mapping import SheetMap, project
from analysis.omr.outline_fit import Page
from analysis.omr.page_quads import clockwise, page_outline
from analysis.omr.pose import Markers, upright_poses
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Grey = NDArray[Any]

_MARKER_SHARE = 0.45
"""Pitches that markers may lie off: the field is loose at the corners of curled paper."""

_HOLDING_MARKERS, _HELD = 3, 0.2
"""How many markers, and pitches they may lie off, where they prove that a fit is no step off."""

_OFF_PAGE_MM, _OFF_PAGE_PITCH = 4.0, 0.7
"""How far a sheet may lie off its page: a feeder's slip, or this share of a bubble's pitch."""

_PAGE_FORM, _UPRIGHT = 0.06, 0.9
"""Relative size within which an outline is the page's; and cosine of how askew sheets lie in it."""

_PAGE_CORNERS = 0.04
"""Share of the page's longer side that the corners of its outline may be off."""

_SYMMETRIC = 0.95
"""Share of bubbles that meet another when all are turned by half."""

_MOST_OF_THEM, _WARPED = 0.95, 0.35
"""Share of bubbles that lie within this of their place on a flat sheet, in pitches: templates by
hand reach 0.22, a block that slips a row as it goes 0.5."""

_TORN = 0.35
"""Pitches that a column of a block lies off its neighbour: up to 0.08 on curled paper, 0.2 under
templates by hand, 0.5 and more where it stands on another row."""

_ALONG_EDGE = 0.005
"""Of the picture's long side that a page's side may lie off the picture's edge and be its cut."""

_DISTORTED = 0.2
"""Logarithm of width over height from which a sheet is not seen at an angle but misfitted: four
columns laid on five are off by 0.22."""

_SAME_SIZE, _FURTHER_BUBBLES = 0.25, 16
"""Relative difference in size, and number of outlines in rows of the template's pitch, that make
a further block of bubbles."""


def elsewhere(sheet_map: SheetMap, markers: Markers | None, template: Template) -> bool:
    """Whether the sheet's markers lie half a pitch or more from where the bubbles put them."""
    return markers is not None and _off_markers(sheet_map, markers, template) > _MARKER_SHARE


def held_by_markers(sheet_map: SheetMap, markers: Markers | None, template: Template) -> bool:
    """Whether most of the sheet's markers lie where the bubbles put them: it is no step off."""
    if markers is None or len(markers.sheet) < 4 * _HOLDING_MARKERS:
        return False
    return _off_markers(sheet_map, markers, template) < _HELD


def _off_markers(sheet_map: SheetMap, markers: Markers, template: Template) -> float:
    """Pitches between markers and where the bubbles put them, in the median.

    They lie outside the bubbles, where a bent map swings off: the flat one may say less.
    """
    steps = pitches(template.centers, float(template.radii.mean()))
    pitch = min((abs(x) + abs(y) for x, y in steps), default=float(template.radii.mean() * 4))
    flat = project(sheet_map.homography, markers.sheet)
    off = min(
        float(np.median(np.hypot(*(seen - markers.picture).T)))
        for seen in (sheet_map(markers.sheet), flat)
    )
    return off / (pitch * sheet_map.pixels_per_mm())


def off_page(sheet_map: SheetMap, work: Grey, template: Template) -> bool:
    """Whether the bubbles lie most of a pitch or more from their place on the page.

    The page is its outline on a desk, or the whole of an upright scan. Where that is not a
    rectangle of the page's own size - the page is cut, or the outline is another thing's - it
    proves nothing and is not asked. A lattice that looks the same upside down, and so nearly
    centred that it may lie either way, is not believed to be upside down.
    """
    height, width = work.shape
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    upright = any(True for _ in upright_poses(work, template, outline=False))
    pitch = min(abs(x) + abs(y) for x, y in pitches(template.centers, float(template.radii.mean())))
    limit = max(_OFF_PAGE_MM, _OFF_PAGE_PITCH * pitch)
    outline = page_outline(work)
    whole = outline if outline is not None and not _cut(outline, width, height) else None
    for corners in (whole, frame if upright else None):
        shift = None if corners is None else _shift(sheet_map, corners, template)
        if corners is None or shift is None:
            continue
        if shift > limit:
            return True
        if _upside_down(sheet_map, template) and _symmetric(template):
            other = _shift(_turned(sheet_map, template), corners, template)
            return other is not None and other <= limit + pitch
        return False
    return False


def _upside_down(sheet_map: SheetMap, template: Template) -> bool:
    middle = template.centers.mean(axis=0)
    below, above = sheet_map(middle + np.array([[0.0, 1.0], [0.0, -1.0]]))
    return bool(below[1] < above[1])


def _symmetric(template: Template) -> bool:
    """Whether the bubbles lie as they do when turned by half: their lattice tells no top."""
    turned = template.centers.min(axis=0) + template.centers.max(axis=0) - template.centers
    apart = np.hypot(*(turned[:, None] - template.centers[None]).transpose(2, 0, 1))
    return bool((apart.min(axis=1) < template.radii.mean()).mean() > _SYMMETRIC)


def _turned(sheet_map: SheetMap, template: Template) -> SheetMap:
    """The flat map of the same sheet with its bubbles turned by half about their middle."""
    x, y = template.centers.min(axis=0) + template.centers.max(axis=0)
    turn = np.array([[-1.0, 0.0, x], [0.0, -1.0, y], [0.0, 0.0, 1.0]])
    return replace(sheet_map, homography=sheet_map.homography @ turn, field=None)


def _cut(corners: Floats, width: int, height: int) -> bool:
    """Whether a side of a page's outline (4, 2) px runs along the picture's edge."""
    slack = _ALONG_EDGE * max(width, height)
    following = np.roll(corners, -1, axis=0)
    return any(
        bool((np.abs(ends - edge) < slack).all())
        for axis, far in ((0, width), (1, height))
        for edge in (0, far)
        for ends in np.stack([corners[:, axis], following[:, axis]], axis=1)
    )


def _shift(sheet_map: SheetMap, corners: Floats, template: Template) -> float | None:
    """How many mm the bubbles lie off their place on a page with such corners (4, 2) px.

    They may be askew on it. None where, at the bubbles, that page is of another size than they are.
    """
    size = np.array([template.width, template.height])
    page = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    if not _page_like(sheet_map, corners, size):
        return None
    middle = template.centers.mean(axis=0)
    half = np.maximum(np.ptp(template.centers, axis=0) / 2, 4 * template.radii.mean())
    around = middle + np.array([[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]]) * half
    seen = sheet_map(around)
    for turn in range(4):
        onto = cv2.getPerspectiveTransform(
            page.astype(np.float32), np.roll(corners, -turn, axis=0).astype(np.float32)
        )
        back = project(np.asarray(np.linalg.inv(onto), np.float64), seen)
        sides = np.array([back[2] - back[1], back[4] - back[3]]) / (2 * half[:, None])
        like = np.abs(np.hypot(*sides.T) - 1.0).max() < _PAGE_FORM
        if like and sides.diagonal().min() > _UPRIGHT:
            u, _, v = np.linalg.svd(sides)
            return float(np.hypot(*(back[0] - size / 2 - (middle - size / 2) @ (u @ v))))
    return None


def _page_like(sheet_map: SheetMap, corners: Floats, size: Floats) -> bool:
    """Whether an outline's corners (4, 2) px form the page (`size` mm), wherever it lies.

    The edge of a desk or of the picture may pass for a page's as seen from the bubbles.
    """
    seen = clockwise(replace(sheet_map, field=None).inverse(corners))
    page = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    seen, page = seen - seen.mean(axis=0), page - page.mean(axis=0)
    u, _, v = np.linalg.svd(seen.T @ page)
    return bool(np.abs(seen @ (u @ v) - page).max() < _PAGE_CORNERS * size.max())


def distorted(sheet_map: SheetMap, template: Template) -> bool:
    """Whether bubbles lie much wider apart, for their height, than on the template."""
    middle = template.centers.mean(axis=0)
    seen = sheet_map(middle + np.array([[0, 0], [1, 0], [0, 1]]))
    across, down = np.hypot(*(seen[1:] - seen[0]).T)
    return bool(abs(np.log(across / down)) > _DISTORTED)


def _flattest(places: Floats, template: Template) -> SheetMap | None:
    """The flat sheet nearest to places (n, 2) px; None where there is none."""
    onto, _ = cv2.findHomography(template.centers, places, 0)
    if onto is None:
        return None
    return SheetMap(np.asarray(onto, np.float64), (template.width, template.height))


def warped(places: Floats, template: Template) -> bool:
    """Whether places (n, 2) px lie so far from a flat sheet's that a row may have slipped."""
    flat = _flattest(places, template)
    if flat is None:
        return True
    off = np.hypot(*(flat(template.centers) - places).T) / flat.pixels_per_mm()
    pitch = least_pitch(template)
    parts = [run for block in template.blocks for run in runs(template.centers, block)]
    slipped = max(float(np.median(off[run])) for run in parts) > SLIPPED * pitch
    return slipped or bool(np.quantile(off, _MOST_OF_THEM) > _WARPED * pitch)


def torn(places: Floats, template: Template) -> bool:
    """Whether places (n, 2) px leap from one column, row or block to the next: part of the sheet
    stands on the row above. Paper bends, but not so suddenly."""
    flat = _flattest(places, template)
    if flat is None:
        return True
    off = (flat.inverse(places) - template.centers) / least_pitch(template)
    centers, blocks = template.centers, template.blocks
    if any(_leap(off, centers, block) > _TORN for block in blocks):
        return True
    ordered = sorted(blocks, key=lambda block: float(centers[block, 0].min()))
    return any(_gap(off, centers, *pair) > SLIPPED for pair in pairwise(ordered))


def _gap(off: Floats, centers: Floats, left: NDArray[np.intp], right: NDArray[np.intp]) -> float:
    """How far the facing columns of two blocks lie apart in `off` (n, 2), in the median."""
    x, u = centers[left, 0].round(1), centers[right, 0].round(1)
    if u.min() <= x.max():
        return 0.0
    one, two = left[x == x.max()], right[u == u.min()]
    same = np.abs(centers[one, None, 1] - centers[None, two, 1]).argmin(axis=1)
    return float(np.median(np.hypot(*(off[two[same]] - off[one]).T)))


def _leap(off: Floats, centers: Floats, block: NDArray[np.intp]) -> float:
    """The furthest that neighbouring columns, or rows, of a block lie apart in `off` (n, 2), each
    in the median over its bubbles."""
    x = centers[block, 0].round(1)
    columns = [block[x == value] for value in np.unique(x)]
    rows = min(len(column) for column in columns)
    grid = np.stack([off[column[np.argsort(centers[column, 1])][:rows]] for column in columns])
    leaps = [0.0]
    for axis in (0, 1):
        if grid.shape[axis] > 1:
            apart = np.hypot(*np.moveaxis(np.diff(grid, axis=axis), 2, 0))
            leaps.append(float(np.median(apart, axis=1 - axis).max()))
    return max(leaps)


def unlisted(sheet_map: SheetMap, page: Page) -> bool:
    """Whether the sheet bears further rows of bubbles: then it is another form, with more.

    Only a template that claims a whole form is asked: one with an identifier.
    """
    template, rounds = page.template, page.outlines.rounds
    if not template.digits:
        return False
    radius = float(template.radii.mean())
    expected = radius * sheet_map.pixels_per_mm()
    like = np.abs(rounds.radii / expected - 1.0) < _SAME_SIZE
    points = sheet_map.inverse(rounds.centers[like])
    size = np.array([template.width, template.height])
    points = points[((points > 0) & (points < size)).all(axis=1)]
    if not len(points):
        return False
    apart = np.abs(points[:, None] - template.centers[None])
    strange = points[np.hypot(apart[..., 0], apart[..., 1]).min(axis=1) > 1.5 * radius]
    rows = np.abs(strange[:, None, 1] - strange[None, :, 1]) < 0.3 * radius
    ahead = strange[None, :, 0] - strange[:, None, 0]
    beside = np.zeros_like(rows)
    for block in template.blocks:
        for pitch in {x for x, _ in pitches(template.centers[block], radius) if x > 0}:
            beside |= rows & (np.abs(ahead - pitch) < 0.3 * radius)
    return int(beside.any(axis=1).sum()) >= _FURTHER_BUBBLES
