"""The lattice of a bubble sheet: how far its neighbours are, and which blocks share lines."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def pitches(centers: Floats, size: float) -> list[tuple[float, float]]:
    """Steps in mm, both ways, from a bubble to its neighbours in its row and its column.

    `centers` (n, 2) mm, `size` mm a bubble's radius.
    """
    offset = centers[None] - centers[:, None]
    along_x = offset[(np.abs(offset[..., 1]) < size) & (offset[..., 0] > size)][:, 0]
    along_y = offset[(np.abs(offset[..., 0]) < size) & (offset[..., 1] > size)][:, 1]
    steps: list[tuple[float, float]] = []
    if along_x.size:
        steps += [(float(along_x.min()), 0.0), (-float(along_x.min()), 0.0)]
    if along_y.size:
        steps += [(0.0, float(along_y.min())), (0.0, -float(along_y.min()))]
    return steps


def shares_lines(centers: Floats, others: Floats, axis: int, slack: float) -> bool:
    """Whether every row (axis 1) or column (axis 0) of `centers` is one of `others`, in mm."""
    lines = np.unique(centers[:, axis].round(2))
    apart = np.abs(lines[:, None] - others[None, :, axis])
    return bool((apart.min(axis=1) <= slack).all())
