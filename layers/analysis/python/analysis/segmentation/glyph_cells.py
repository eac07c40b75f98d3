"""Glyphs of a line's beginning as pictures for the number reader.

Training and reading share this module, so that both see the same pictures.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.page_geometry import Grey

SIDE = 20
"""px; side of a glyph's picture."""

FEATURES = SIDE * SIDE + 5

Cells = NDArray[np.int32]
"""[n, 4]: x, y, width, height in px, left to right."""


def merge_parts(parts: NDArray[np.int32]) -> Cells:
    """Join parts that lie above one another (「제」, 「=」) into glyph cells, left to right."""
    cells: list[list[int]] = []
    for x, y, w, h in parts[np.argsort(parts[:, 0])]:
        if cells:
            last = cells[-1]
            overlap = min(last[0] + last[2], x + w) - max(last[0], x)
            if overlap > 0.5 * min(last[2], w):
                right, low = max(last[0] + last[2], x + w), max(last[1] + last[3], y + h)
                cells[-1] = [min(last[0], x), min(last[1], y), 0, 0]
                cells[-1][2:] = [right - cells[-1][0], low - cells[-1][1]]
                continue
        cells.append([int(x), int(y), int(w), int(h)])
    return np.array(cells, dtype=np.int32).reshape(-1, 4)


def line_extent(cells: Cells) -> tuple[float, float]:
    """Top and bottom in px of the line that cells stand in."""
    return float(cells[:, 1].min()), float((cells[:, 1] + cells[:, 3]).max())


def features(
    grey: Grey, cells: Cells, line_top: float, line_bottom: float, glyph: float
) -> NDArray[np.float32]:
    """Describe cells as [n, FEATURES]: a 20 x 20 picture each, its size and place in the line."""
    found = np.zeros((len(cells), FEATURES), np.float32)
    for row, (x, y, w, h) in zip(found, cells, strict=True):
        row[:-5] = _picture(grey[y : y + h, x : x + w]).ravel()
        row[-5:] = (
            w / glyph,
            h / glyph,
            (y - line_top) / glyph,
            (line_bottom - y - h) / glyph,
            (line_bottom - line_top) / glyph,
        )
    return found


def _picture(crop: Grey) -> NDArray[np.float32]:
    """Ink of a crop as 0-1, scaled to fill SIDE x SIDE without changing its shape, centred."""
    ink = (255 - crop.astype(np.float32)) / 255
    height, width = ink.shape
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    picture = np.zeros((SIDE, SIDE), np.float32)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    picture[top : top + size[1], left : left + size[0]] = small
    peak = picture.max()
    return picture / peak if peak > 0 else picture


def split_touching(grey: Grey, cell: NDArray[np.int32]) -> list[Cells]:
    """Ways to cut a cell wide enough for two glyphs: at its thinnest column, and in the middle."""
    x, y, w, h = (int(value) for value in cell)
    if w < 0.85 * h or w < 8:
        return []
    ink = 255.0 - grey[y : y + h, x : x + w].astype(np.float32)
    low, high = int(0.3 * w), int(0.7 * w) + 1
    thinnest = low + int(ink.sum(axis=0)[low:high].argmin())
    ways = []
    for cut in dict.fromkeys((thinnest, w // 2)):
        halves = []
        for start, stop in ((0, cut), (cut, w)):
            rows = np.flatnonzero((ink[:, start:stop] > 65).any(axis=1))
            if len(rows) and stop - start >= 2:
                top, bottom = int(rows[0]), int(rows[-1])
                halves.append([x + start, y + top, stop - start, bottom - top + 1])
        if len(halves) == 2:
            ways.append(np.array(halves, dtype=np.int32))
    return ways
