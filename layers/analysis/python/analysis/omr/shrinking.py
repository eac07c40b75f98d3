"""Shrinking by whole numbers: OpenCV's area method is four times as fast as by other factors."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[Any]


def shrunk(grey: Grey, step: int) -> Grey:
    """Means of step x step px of a uint8 picture; what is left over right and below is cut."""
    if step <= 1:
        return grey
    height, width = grey.shape[0] // step, grey.shape[1] // step
    whole = grey[: height * step, : width * step]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA))
