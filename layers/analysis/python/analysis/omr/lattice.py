"""The lattice of a bubble sheet: how far its neighbours are, and which blocks share lines."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.omr.template import Template

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def pitches(centers: Floats, size: float) -> list[tuple[float, float]]:
    """Steps in mm, both ways, from a bubble to its neighbours in its row and its column.

    `centers` (n, 2) mm, `size` mm a bubble's radius.
    """
    return list(_pitches(np.ascontiguousarray(centers, np.float64).tobytes(), size))


@lru_cache(maxsize=64)
def _pitches(centers: bytes, size: float) -> tuple[tuple[float, float], ...]:
    """Kept, as every sheet of a class has the same template."""
    x, y = np.frombuffer(centers).reshape(-1, 2).T
    right, below = x[None] - x[:, None], y[None] - y[:, None]
    along_x = right[(np.abs(below) < size) & (right > size)]
    along_y = below[(np.abs(right) < size) & (below > size)]
    steps: list[tuple[float, float]] = []
    if along_x.size:
        steps += [(float(along_x.min()), 0.0), (-float(along_x.min()), 0.0)]
    if along_y.size:
        steps += [(0.0, float(along_y.min())), (0.0, -float(along_y.min()))]
    return tuple(steps)


def least_pitch(template: Template) -> float:
    """The least step in mm between neighbours of a block; without any, four radii."""
    radius = float(template.radii.mean())
    steps = [s for block in template.blocks for s in pitches(template.centers[block], radius)]
    return min((abs(x) + abs(y) for x, y in steps), default=4 * radius)


def shares_lines(centers: Floats, others: Floats, axis: int, slack: float) -> bool:
    """Whether every row (axis 1) or column (axis 0) of `centers` is one of `others`, in mm."""
    lines = np.unique(centers[:, axis].round(2))
    apart = np.abs(lines[:, None] - others[None, :, axis])
    return bool((apart.min(axis=1) <= slack).all())


def nearest(points: Floats, others: Floats, count: int) -> Indices:
    """For points (n, 2) the `count` nearest of others (m, 2): (n, count), in no order."""
    apart = (points[:, None, 0] - others[None, :, 0]) ** 2
    apart += (points[:, None, 1] - others[None, :, 1]) ** 2
    if count >= len(others):
        return np.tile(np.arange(len(others)), (len(points), 1))
    return np.asarray(np.argpartition(apart, count - 1, axis=1)[:, :count])


def neighbours(points: Floats, count: int) -> Indices:
    """For points (n, 2) the `count` nearest of themselves: (n, count), in no order."""
    return _neighbours(np.ascontiguousarray(points, np.float64).tobytes(), count)


@lru_cache(maxsize=8)
def _neighbours(points: bytes, count: int) -> Indices:
    places = np.frombuffer(points).reshape(-1, 2)
    found = nearest(places, places, count)
    found.flags.writeable = False
    return found
