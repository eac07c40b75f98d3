"""Percentiles of many short rows at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def percentiles(samples: NDArray[Any], *percents: float) -> list[Samples]:
    """Percentiles of each row of samples (n, m): sorting floats is ten times as fast as NumPy's
    percentile along rows, and as sorting bytes."""
    ranked = np.sort(samples.astype(np.float32, copy=False), axis=1)
    found = []
    for percent in percents:
        place = percent / 100 * (samples.shape[1] - 1)
        below = int(place)
        above = min(below + 1, samples.shape[1] - 1)
        share = np.float32(place - below)
        between = ranked[:, below] * (1 - share) + ranked[:, above] * share
        found.append(np.asarray(between, np.float32))
    return found
