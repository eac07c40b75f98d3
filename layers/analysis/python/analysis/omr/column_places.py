"""Where the bubbles of a template taken by hand lie, each part of a column by its own outlines."""

import numpy as np
from numpy.typing import NDArray

from analysis.omr.lattice import least_pitch
from analysis.omr.mapping import SheetMap
from analysis.omr.nearest_round import NearestRound
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_RUN = 10
"""Bubbles of a column that share their offset."""

SLIPPED = 0.6
"""Pitches off from which a run of a column stands on the next row or column's bubbles."""

_OFF = 1.7
"""Radii that a column of a template taken by hand may lie off its print."""


def centred(outlines: NearestRound, sheet_map: SheetMap, template: Template) -> Floats:
    """Places (n, 2) px of the bubbles, each run of a column moved onto its own print.

    A template taken by hand lies up to a radius off, each column by its own. Round outlines and
    filled bubbles near a run say by how much; a run without any moves as its nearest do.
    """
    places = sheet_map(template.centers)
    radius = float(template.radii.mean()) * sheet_map.pixels_per_mm()
    found, distance = outlines.at(places)
    near = distance < _OFF * radius
    offset = outlines.rounds.centers[found] - places
    columns = [run for block in template.blocks for run in runs(template.centers, block)]
    moves = [_agreed(offset[run][near[run]], len(run), radius) for run in columns]
    moves = _alike(moves, SLIPPED * least_pitch(template) * sheet_map.pixels_per_mm())
    middles = np.array([template.centers[run].mean(axis=0) for run in columns])
    known = [index for index, move in enumerate(moves) if move is not None]
    for index, run in enumerate(columns):
        move = moves[index]
        if move is None and known:
            apart = ((middles[known] - middles[index]) ** 2).sum(axis=1)
            closest = [moves[known[i]] for i in np.argsort(apart)[:3]]
            move = np.median(np.array(closest), axis=0)
        if move is not None:
            places[run] += move
    return places


def _alike(moves: list[Floats | None], apart: float) -> list[Floats | None]:
    """The moves but for those `apart` px from what most have: these stand on the next row."""
    known = [move for move in moves if move is not None]
    if not known:
        return moves
    usual = np.median(np.array(known), axis=0)
    return [
        move if move is not None and np.hypot(*(move - usual)) < apart else None for move in moves
    ]


def _agreed(offset: Floats, size: int, radius: float) -> Floats | None:
    """The offset most of a run's outlines have; None where too few have one."""
    if len(offset) < max(2, 0.25 * size):
        return None
    middle = np.median(offset, axis=0)
    close = np.hypot(*(offset - middle).T) < 0.4 * radius
    return np.asarray(offset[close].mean(axis=0)) if close.mean() >= 0.6 else None


def runs(centers: Floats, block: Indices) -> list[Indices]:
    """Bubbles of a block below each other, at most _RUN of them: they share their offset."""
    x = centers[block, 0].round(1)
    groups: list[Indices] = []
    for value in np.unique(x):
        column = block[x == value]
        column = column[np.argsort(centers[column, 1])]
        groups += np.array_split(column, -(-len(column) // _RUN))
    return groups
