"""From anchors to boxes: each item reaches from its number to the next one, tight on its ink."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.segmentation.columns import Column
from analysis.segmentation.numbers import Token
from analysis.segmentation.page_ink import PageInk

FlatBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Region:
    """An anchor's boxes (xywh, px of the level page), the first in the anchor's column."""

    token: Token
    boxes: tuple[FlatBox, ...]


def regions(page: PageInk, columns: tuple[Column, ...], chain: list[Token]) -> list[Region]:
    """Give each token of a chain its region; reading order is kept."""
    rows = [_RowInk.of(page, column) for column in columns]
    tops = [rows[token.column].top_of(token.y, page.glyph) for token in chain]
    found: list[Region] = []
    for index, (token, top) in enumerate(zip(chain, tops, strict=True)):
        following = chain[index + 1] if index + 1 < len(chain) else None
        same = following is not None and following.column == token.column
        stop = tops[index + 1] if same else columns[token.column].bottom
        box = rows[token.column].tight(top, stop, page.glyph, closes=not same)
        boxes = [box] if box else [_line_box(token, page.glyph)]
        found.append(Region(token, tuple(boxes)))
    return found


def _line_box(token: Token, glyph: float) -> FlatBox:
    return (token.x, token.y, 2 * glyph, token.bottom - token.y)


@dataclass(frozen=True, slots=True, eq=False)
class _RowInk:
    """Ink of one column with specks and the column's dividers left out."""

    ink: NDArray[np.uint8]
    rows: NDArray[np.int_]
    left: int
    column: Column

    @classmethod
    def of(cls, page: PageInk, column: Column) -> "_RowInk":
        ink = _without_noise(page)[:, column.left : column.right]
        return cls(ink, ink.sum(axis=1).astype(np.int_), column.left, column)

    def top_of(self, y: float, glyph: float) -> int:
        """Upper edge of the line at y: up through inked rows, at most 0.7 of a glyph."""
        top = int(y)
        while top > max(self.column.top, y - 0.7 * glyph) and self.rows[top - 1] > 0:
            top -= 1
        return top

    def tight(self, top: int, stop: float, glyph: float, *, closes: bool) -> FlatBox | None:
        """Smallest box around the ink of rows top to stop."""
        stop = int(stop)
        filled = np.flatnonzero(self.rows[top:stop] > 0)
        if not len(filled):
            return None
        bottom = top + int(filled[-1]) + 1
        across = np.flatnonzero(self.ink[top:bottom].any(axis=0))
        x = self.left + int(across[0])
        return (float(x), float(top), float(across[-1] - across[0] + 1), float(bottom - top))


def _without_noise(page: PageInk) -> NDArray[np.uint8]:
    from analysis.segmentation.page_ink import components

    boxes, areas, labels = components(page.ink)
    small = areas < max(6.0, 0.01 * page.glyph * page.glyph)
    height = page.ink.shape[0]
    divider = (boxes[:, 3] > 0.3 * height) & (boxes[:, 2] < 0.6 * page.glyph)
    kept = ~(small | divider)
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)
