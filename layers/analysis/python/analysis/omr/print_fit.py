"""Lay a template on print that cannot be told bubble by bubble: where it is darkest in all places.

A guess of the pose flattens the picture onto the template's plane. There a bubble - a ring, a box,
a letter, a filled mark - is a spot darker than the cell of the lattice around it. Every bubble
votes for the offsets at which it would stand on such a spot; the votes of all find a shift and a
scale, the votes of a block and of part of a column what a template taken by hand is off by.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.column_places import runs
from analysis.omr.lattice import least_pitch, pitches
from analysis.omr.mapping import SheetMap, project
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Votes = NDArray[np.float32]
Indices = NDArray[np.intp]
Grey = NDArray[Any]

_RADIUS = 3.0
"""px of a bubble's radius on the flattened sheet."""

_MARGIN_MM = 12.0
"""mm of the picture around the page that are flattened with it."""

_SPOT, _CELL = 1.25, 2.2
"""Radii of a bubble's spot and of the cell around it, where the lattice leaves room for them."""

_SPOT_PITCH, _CELL_PITCH = 0.33, 0.5
"""The same at most, in pitches: the cell is the lattice's own."""

_SATURATES = 0.05
"""Mean darkness of a spot over its cell that is half a vote: a mark is no more than a letter."""

_SEARCHED_PITCH = 1.25
"""Pitches around a guess in which the sheet is looked for."""

_SCALES = np.linspace(-0.012, 0.012, 3)
"""Relative sizes tried in each direction: pages are cut, and templates measured, by hand."""

_SETTLED_PITCH = 0.4
"""Pitches that part of a column may lie off where the whole sheet says it is."""

_RIGID = 0.3
"""Votes a bubble that an offset from its block costs, at one radius."""

_PEAKS = 4
"""Places of the sheet that are worth a proof, the best first."""

_WORTH = 0.6
"""Votes over the best place's from which another is worth a proof."""


@dataclass(frozen=True, slots=True, eq=False)
class PrintFit:
    """A map, the bubbles' places (n, 2) px settled on the print, and mean votes, at most 1."""

    sheet_map: SheetMap
    places: Floats
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Ballot:
    """Votes (runs, side, side), row-wise by offset in px of the flattened sheet, and the runs."""

    votes: Votes
    runs: list[Indices]
    blocks: NDArray[np.intp]
    middles: Floats
    reach: int
    scale: float


def print_fits(grey: Grey, homography: Floats, template: Template) -> list[PrintFit]:
    """Fits near a guessed homography (3, 3) mm to px, the one on the darkest spots first."""
    ballot = _ballot(grey, homography, template)
    return [
        _settled(ballot, homography, template, score, shift)
        for score, shift in _peaks(ballot, template)
    ]


def _ballot(grey: Grey, homography: Floats, template: Template) -> _Ballot:
    scale = _RADIUS / float(template.radii.mean())
    dark = _flattened(grey, homography, template, scale)
    reach = int(np.ceil(_SEARCHED_PITCH * _widest_pitch(template) * scale))
    around = np.arange(-reach, reach + 1)
    votes, members, blocks = [], [], []
    spots: dict[tuple[int, ...], Votes] = {}
    for number, block in enumerate(template.blocks):
        sizes = _sizes(template, block, scale)
        if sizes not in spots:
            spots[sizes] = _spots(dark, sizes)
        for run in runs(template.centers, block):
            column, row = ((template.centers[run] + _MARGIN_MM) * scale).round().astype(int).T
            rows = np.clip(row[:, None, None] + around[:, None], 0, dark.shape[0] - 1)
            columns = np.clip(column[:, None, None] + around, 0, dark.shape[1] - 1)
            votes.append(spots[sizes][rows, columns].sum(axis=0))
            members.append(run)
            blocks.append(number)
    middles = np.array([template.centers[run].mean(axis=0) for run in members])
    return _Ballot(np.array(votes), members, np.array(blocks), middles, reach, scale)


def _flattened(grey: Grey, homography: Floats, template: Template, scale: float) -> Votes:
    """Darkness 0-1 of the page and a margin, over the paper's own brightness nearby."""
    onto = np.array([[1 / scale, 0, -_MARGIN_MM], [0, 1 / scale, -_MARGIN_MM], [0, 0, 1.0]])
    width, height = (
        int(np.ceil((side + 2 * _MARGIN_MM) * scale)) for side in (template.width, template.height)
    )
    native = SheetMap(homography, (template.width, template.height)).pixels_per_mm()
    if native > 1.5 * scale:
        grey = cv2.GaussianBlur(grey, (0, 0), 0.4 * native / scale)
    flat = cv2.warpPerspective(
        grey,
        homography @ onto,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    near = np.ones((round(3 * _RADIUS), round(3 * _RADIUS)), np.uint8)
    paper = cv2.blur(cv2.dilate(flat, near), (round(6 * _RADIUS), round(6 * _RADIUS)))
    return np.asarray(1.0 - flat / np.maximum(paper, 20).astype(np.float32), np.float32)


def _widest_pitch(template: Template) -> float:
    radius = float(template.radii.mean())
    steps = [
        abs(x) + abs(y)
        for block in template.blocks
        for x, y in pitches(template.centers[block], radius)
    ]
    return min(max(steps, default=4 * radius), 6 * radius)


def _sizes(template: Template, block: Indices, scale: float) -> tuple[int, ...]:
    """Half sides in px of a bubble's spot and of its cell, in x and in y."""
    radius = float(template.radii[block].mean())
    steps = pitches(template.centers[block], radius)
    halves = []
    for axis in (0, 1):
        pitch = min((abs(step[axis]) for step in steps if step[axis]), default=6 * radius)
        halves.append(
            [min(_SPOT * radius, _SPOT_PITCH * pitch), min(_CELL * radius, _CELL_PITCH * pitch)]
        )
    (spot_x, cell_x), (spot_y, cell_y) = (np.array(halves) * scale).round().astype(int).tolist()
    return spot_x, spot_y, max(cell_x, spot_x + 1), max(cell_y, spot_y + 1)


def _spots(dark: Votes, sizes: tuple[int, ...]) -> Votes:
    """How much darker than its cell every place is, from -1 to 1."""
    spot_x, spot_y, cell_x, cell_y = sizes
    spot = cv2.blur(dark, (2 * spot_x + 1, 2 * spot_y + 1))
    cell = cv2.blur(dark, (2 * cell_x + 1, 2 * cell_y + 1))
    more = spot - cell
    return np.asarray(more / (np.abs(more) + _SATURATES), np.float32)


def _peaks(ballot: _Ballot, template: Template) -> list[tuple[float, Floats]]:
    """Mean votes, and shifts (runs, 2) mm, where the sheet as a whole stands on dark spots."""
    middle = ballot.middles.mean(axis=0)
    tried = []
    for wide in _SCALES:
        for high in _SCALES:
            stretch = (ballot.middles - middle) * [wide, high]
            tried.append((_summed(ballot, stretch) / len(template.centers), stretch))
    best = np.max([votes for votes, _ in tried], axis=0)
    radius = max(1, round(ballot.scale * 0.4 * least_pitch(template)))
    near = cv2.dilate(best, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8))
    rows, columns = np.nonzero((best == near) & (best > 0))
    order = np.argsort(-best[rows, columns])[:_PEAKS]
    peaks: list[tuple[float, Floats]] = []
    for row, column in zip(rows[order], columns[order], strict=True):
        score = float(best[row, column])
        stretch = next(s for votes, s in tried if votes[row, column] == best[row, column])
        if not peaks or score >= _WORTH * peaks[0][0]:
            shift = (np.array([column, row]) - ballot.reach) / ballot.scale
            peaks.append((score, stretch + shift))
    return peaks


def _summed(ballot: _Ballot, stretch: Floats) -> Votes:
    """Votes (side, side) of all runs, each moved by its own stretch (runs, 2) mm."""
    total = np.zeros(ballot.votes.shape[1:], np.float32)
    steps = (stretch * ballot.scale).round().astype(int)
    for votes, (x, y) in zip(ballot.votes, steps, strict=True):
        total += np.roll(votes, (-y, -x), axis=(0, 1))
    return total


def _settled(
    ballot: _Ballot, homography: Floats, template: Template, score: float, shift: Floats
) -> PrintFit:
    """Let each block, then each run, find its own spots near where the sheet says they are."""
    moved = shift.copy()
    limit = _SETTLED_PITCH * least_pitch(template) * ballot.scale
    for number in np.unique(ballot.blocks):
        own = np.flatnonzero(ballot.blocks == number)
        moved[own] += _best_step(ballot, own, moved[own], limit)
    offset = np.empty_like(template.centers)
    for index, run in enumerate(ballot.runs):
        one = np.array([index])
        offset[run] = moved[index] + _best_step(ballot, one, moved[one], limit / 2)
    places = project(homography, template.centers + offset)
    onto, _ = cv2.findHomography(template.centers, places, 0)
    sheet_map = SheetMap(np.asarray(onto, np.float64), (template.width, template.height))
    return PrintFit(sheet_map, places, score)


def _best_step(ballot: _Ballot, runs: Indices, shift: Floats, limit: float) -> Floats:
    """The step (2,) mm from `shift` (runs, 2) mm that gains the runs most votes."""
    reach = max(1, int(limit))
    around = np.arange(-reach, reach + 1)
    base = (shift * ballot.scale).round().astype(int) + ballot.reach
    side = ballot.votes.shape[1] - 1
    rows = np.clip(base[:, 1, None, None] + around[:, None], 0, side)
    columns = np.clip(base[:, 0, None, None] + around, 0, side)
    votes = ballot.votes[runs[:, None, None], rows, columns].sum(axis=0)
    away = (around[:, None] ** 2 + around**2) / _RADIUS**2
    votes = votes - _RIGID * sum(len(ballot.runs[i]) for i in runs) * away
    row, column = np.unravel_index(int(votes.argmax()), votes.shape)
    return np.array([around[column], around[row]]) / ballot.scale
