"""All pages of a video on one picture, with their times and scores."""

import math
from collections.abc import Sequence
from contextlib import suppress

import cv2
import numpy as np

from analysis.image import Image
from analysis.video.analyse import decode
from analysis.video.types import Page
from faults import Permanent

_CELL = 240
_LABEL = 42
_MOST = 60
"""Pages on one sheet; more are told as a number."""


def contact_sheet(pages: Sequence[Page], columns: int = 6) -> Image:
    """Draw up to 60 pages in the order shown (BGR, `columns` x 240 px wide)."""
    shown = list(pages[:_MOST])
    rows = max(1, math.ceil(len(shown) / columns))
    height = _CELL + _LABEL
    sheet = np.full((rows * height, columns * _CELL, 3), 246, np.uint8)
    for place, page in enumerate(shown):
        top, left = (place // columns) * height, (place % columns) * _CELL
        _draw(sheet[top : top + height, left : left + _CELL], page)
    return sheet


def _draw(cell: Image, page: Page) -> None:
    with suppress(Permanent):  # a page that cannot be read stays an empty cell
        picture = decode(page.jpeg)
        scale = (_CELL - 8) / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = (_CELL - small.shape[0]) // 2, (_CELL - small.shape[1]) // 2
        cell[top : top + small.shape[0], left : left + small.shape[1]] = small
    writing = page.writing
    lines = (
        f"{page.number}  {page.time:.1f} s  {page.visits}x",
        f"{writing.level}  {writing.score:.2f}",
    )
    for row, text in enumerate(lines):
        place = (8, _CELL + 14 + 18 * row)
        cv2.putText(cell, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.48, (50, 50, 50), 1, cv2.LINE_AA)
