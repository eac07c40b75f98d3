"""Whether the lines of a page run down its picture: a phone held over a desk cannot tell how it is
held, and may say so wrongly."""

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.handwriting.strokes import Pieces

_STRIP, _FINE, _COARSE = 10, 0.25, 4
"""Glyph heights of a strip across the lines, and of the ink's profile along it that is smoothed,
and taken for the level around it."""

_DOWN = 0.5
"""Contrast of lines across the page against that of lines down it, below which they run down:
0.55 and more on upright pages, 0.1 to 0.5 on three of four that lie on their side."""


def lines_run_down(pieces: Pieces) -> bool:
    """Whether the ink stands in lines that run down the picture rather than across it."""
    ink = (pieces.labels > 0).astype(np.float32)
    across, down = _contrast(ink, pieces.glyph), _contrast(ink.T, pieces.glyph)
    return across < _DOWN * down


def _contrast(ink: NDArray[np.float32], glyph: float) -> float:
    """How much rows of ink stand out from the gaps between them."""
    height, width = ink.shape
    strips = max(1, round(width / (_STRIP * glyph)))
    rows = cv2.resize(np.ascontiguousarray(ink), (strips, height), interpolation=cv2.INTER_AREA)
    fine, coarse = (max(1, round(reach * glyph)) for reach in (_FINE, _COARSE))
    lines = cv2.blur(rows, (1, fine)) - cv2.blur(rows, (1, coarse))
    return float(np.mean(lines * lines))
