"""How good a frame is as the picture of its page: sharp, still, without a hand."""

import cv2
import numpy as np
from numpy.typing import NDArray

_BANDS = 4
_BAND_ROWS = 24
"""Rows of full-resolution luma looked at in each of four bands spread over the picture: enough
print to tell blur by, at a tenth of the whole frame's cost."""


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
