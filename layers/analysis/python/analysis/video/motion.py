"""Whether two pictures 0.2 s apart show the same thing held in an unsteady hand.

The picture is reduced to edges under even light, the hand's drift is taken out by phase
correlation (Kuglin and Hines 1975), and what then still disagrees is counted in blocks: a page
that turns, or a hand that comes in, moves some blocks against the rest.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LONG_SIDE = 320
"""px at which motion is judged."""

_BLOCK = 16
"""px; side of a block, a twentieth of the picture."""

_MOVED = 0.45
"""Disagreement (0-1) above which a block has moved: 0.1-0.3 within a hold."""

_MOST_MOVED = 0.055
_MOST_CHANGE = 0.26
"""Share of moved blocks and overall disagreement of two samples of a hold; set on the four
development videos (99 % of holds below 0.06 and 0.22; half of the turns above 0.2 and 0.27)."""

_DARK = 12.0
"""Grey levels added to the local light, so that noise in the dark makes no edges."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """A sample reduced to edges: `fine` for comparing, `coarse` for aligning."""

    fine: Floats
    coarse: Floats


@dataclass(frozen=True, slots=True)
class Motion:
    """What two samples differ by once the drift (px of `LONG_SIDE`) is taken out; shares 0-1."""

    moved: float
    change: float
    drift: float

    @property
    def still(self) -> bool:
        """Whether both show the same page, unmoved."""
        return self.moved <= _MOST_MOVED and self.change <= _MOST_CHANGE


def edges(grey: NDArray[np.uint8]) -> Edges:
    """Reduce a grey picture (uint8) to edges relative to the local light."""
    values = grey.astype(np.float32)
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(values, cv2.CV_32F, 0, 1)
    light = cv2.blur(values, (25, 25)) + _DARK
    strength = cv2.min(cv2.magnitude(across, down) / light, np.array([2.0]))
    coarse = cv2.resize(strength, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return Edges(np.asarray(cv2.GaussianBlur(strength, (0, 0), 1.5)), np.asarray(coarse))


def compare(before: Edges, after: Edges) -> Motion:
    """Compare two samples of equal size."""
    window = _window(after.coarse.shape[1], after.coarse.shape[0])
    (right, down), _ = cv2.phaseCorrelate(before.coarse, after.coarse, window)
    shift = np.array([[1, 0, 2 * right], [0, 1, 2 * down]], np.float32)
    size = (after.fine.shape[1], after.fine.shape[0])
    laid = cv2.warpAffine(before.fine, shift, size, borderMode=cv2.BORDER_REPLICATE)
    difference, total = cv2.absdiff(laid, after.fine), laid + after.fine
    blocks = (max(1, size[0] // _BLOCK), max(1, size[1] // _BLOCK))
    both = cv2.resize(cv2.merge((difference, total)), blocks, interpolation=cv2.INTER_AREA)
    return Motion(
        moved=float(np.mean(both[..., 0] / (both[..., 1] + 0.05) > _MOVED)),
        change=float(difference.sum() / max(float(total.sum()), 1e-6)),
        drift=float(2 * np.hypot(right, down)),
    )


@lru_cache(maxsize=4)
def _window(width: int, height: int) -> Floats:
    return np.asarray(cv2.createHanningWindow((width, height), cv2.CV_32F), np.float32)
