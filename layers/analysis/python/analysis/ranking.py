"""How well a score tells two groups apart."""

from collections.abc import Sequence

import numpy as np


def area_under_curve(low: Sequence[float], high: Sequence[float]) -> float:
    """Probability that a score of `high` exceeds one of `low`, ties counted half (AUC, 0-1).

    Raises ValueError where a group is empty.
    """
    if not len(low) or not len(high):
        raise ValueError("both groups need a score")
    one, two = np.asarray(low, float)[:, None], np.asarray(high, float)[None, :]
    return float(((one < two) + 0.5 * (one == two)).mean())
