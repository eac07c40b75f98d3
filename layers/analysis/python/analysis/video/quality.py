"""How good a frame is as the picture of its page: sharp, still, without a hand."""

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image

_BANDS = 4
_BAND_ROWS = 24
"""Rows of full-resolution luma looked at in each of four bands spread over the picture: enough
print to tell blur by, at a tenth of the whole frame's cost."""


_WAYS = ((1, 0), (0, 1))
_SHORT_SIDE = 720
_REACH = 15
"""px of the short side at which blur is judged, and of the surroundings of an edge."""

_STRONG, _FAINT = 0.9, 25
"""Quantile of contrast from which edges are looked at, and grey levels they must have: a bare sheet
that fills the picture has none."""

_STEEP = 0.175
"""Share of its contrast that a grey edge rises by in 1 px: 0.35 in focus, 0.27 at 1.6 px of blur;
0.16 at 3.5, where every second written page passes for unwritten."""


def blurred(picture: Image) -> bool:
    """Whether a BGR picture is too blurred for writing to be seen on it."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    scale = _SHORT_SIDE / min(grey.shape)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    even = cv2.GaussianBlur(grey, (3, 3), 0)
    rise = cv2.magnitude(*(cv2.Sobel(even, cv2.CV_32F, *way, scale=1 / 8) for way in _WAYS))
    around = np.ones((_REACH, _REACH), np.uint8)
    contrast = cv2.subtract(cv2.dilate(even, around), cv2.erode(even, around))[::8, ::8]
    steepest = cv2.dilate(rise, around)[::8, ::8]
    strong = contrast >= max(_FAINT, float(np.quantile(contrast, _STRONG)))
    return bool(strong.any() and np.median(steepest[strong] / contrast[strong]) < _STEEP)


def sharpness(luma: NDArray[np.uint8], shift: int) -> float:
    """Fine detail relative to light: Laplacian variance over squared mean, in full resolution.

    `shift` is the bits by which samples exceed 8. Comparable between frames of one page only.
    """
    height = luma.shape[0]
    total, light = 0.0, 0.0
    for band in range(_BANDS):
        top = int(height * (0.5 + band) / (_BANDS + 1))
        rows = luma[top : top + _BAND_ROWS]
        values = np.asarray(rows >> shift if shift else rows, np.uint8)
        spread = cv2.meanStdDev(cv2.Laplacian(values, cv2.CV_16S))[1]
        total += float(spread[0, 0]) ** 2
        light += float(cv2.mean(values)[0])
    mean = light / _BANDS
    return total / _BANDS / max(mean * mean, 1.0)


def skin_share(u: NDArray[np.uint8], v: NDArray[np.uint8]) -> float:
    """Share of the picture with the hue of skin, any tone (Chai and Ngan 1999, in Cb and Cr)."""
    hue = (u >= 77) & (u <= 127) & (v >= 133) & (v <= 173) & (v.astype(np.int16) - u >= 12)
    return float(np.mean(hue))
