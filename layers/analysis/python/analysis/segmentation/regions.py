"""From anchors to boxes: each item reaches from its number to the next one, tight on its ink."""

from dataclasses import dataclass

import numpy as np

from analysis.segmentation.columns import Column
from analysis.segmentation.numbers import Form, Token, in_column
from analysis.segmentation.page_ink import Mask, PageInk

FlatBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Region:
    """An anchor's boxes (xywh, px of the level page), the first in the anchor's column."""

    token: Token
    boxes: tuple[FlatBox, ...]


def regions(page: PageInk, columns: tuple[Column, ...], chain: list[Token]) -> list[Region]:
    """Give each token of a chain its region; reading order is kept."""
    ink = _countable_ink(page, columns)
    strips = [_Strip(ink, column, page.glyph) for column in columns]
    tops = [strips[token.column].top_of(token.y) for token in chain]
    found: list[Region] = []
    for index, (token, top) in enumerate(zip(chain, tops, strict=True)):
        strip, column = strips[token.column], columns[token.column]
        following = chain[index + 1] if index + 1 < len(chain) else None
        if following is not None and following.column == token.column:
            stop = tops[index + 1]
        else:
            stop = column.bottom
            if token.form is not Form.RANGE:
                stop = _above_note(page, column, top, stop)
        boxes = [strip.tight(top, stop) or _line_box(token, page.glyph)]
        next_top = tops[index + 1] if following is not None else None
        boxes += _continued(strips, token.column, following, next_top)
        found.append(Region(token, tuple(boxes)))
    return found


def _line_box(token: Token, glyph: float) -> FlatBox:
    return (token.x, token.y, 2 * glyph, token.bottom - token.y)


def _continued(
    strips: list["_Strip"], column: int, following: Token | None, next_top: int | None
) -> list[FlatBox]:
    """What stands in later columns above their first number: the item goes on there."""
    if following is None or next_top is None or following.column == column:
        return []
    boxes: list[FlatBox] = []
    for index in range(column + 1, following.column + 1):
        strip = strips[index]
        stop = next_top if index == following.column else strip.column.bottom
        box = strip.tight(strip.column.top, stop)
        if box and strip.column.top > 0 and box[3] > 1.5 * strip.glyph:
            boxes.append(box)
    return boxes


@dataclass(frozen=True, slots=True, eq=False)
class _Strip:
    """The countable ink (uint8, h x w of the page) of one column."""

    ink: Mask
    column: Column
    glyph: float

    def top_of(self, y: float) -> int:
        """Upper edge of the line at y: up through inked rows, at most 0.7 of a glyph."""
        strip = self.ink[:, self.column.left : self.column.right]
        rows = np.asarray(strip.any(axis=1))
        top = int(y)
        while top > max(self.column.top, y - 0.7 * self.glyph) and rows[top - 1]:
            top -= 1
        return top

    def tight(self, top: int, stop: float) -> FlatBox | None:
        """Smallest box around the ink of rows top to stop; None where there is none."""
        window = self.ink[top : int(stop), self.column.left : self.column.right]
        rows, across = np.flatnonzero(window.any(axis=1)), np.flatnonzero(window.any(axis=0))
        if not len(rows):
            return None
        return (
            float(self.column.left + across[0]),
            float(top + rows[0]),
            float(across[-1] - across[0] + 1),
            float(rows[-1] - rows[0] + 1),
        )


def _countable_ink(page: PageInk, columns: tuple[Column, ...]) -> Mask:
    """Ink without specks and without the rules between columns."""
    boxes, areas, labels = page.blobs
    small = areas < max(6.0, 0.01 * page.glyph * page.glyph)
    divider = (boxes[:, 3] > 0.3 * page.ink.shape[0]) & (boxes[:, 2] < 0.6 * page.glyph)
    kept = ~(small | divider)
    kept[0] = False
    ink = kept[labels].astype(np.uint8)
    reach = round(0.3 * page.glyph)
    for column in columns[1:]:
        ink[:, column.left - reach : column.left + reach] = 0
    return np.asarray(ink, np.uint8)


def _above_note(page: PageInk, column: Column, top: int, stop: int) -> int:
    """Where a framed note to the candidates at a column's end begins, else `stop`.

    Its frame is closed and as wide as the column; that of a <보기> is broken by its title.
    """
    glyph = page.glyph
    own = in_column(page.segments, column)
    if not len(own):
        return stop
    left, right = int(own[:, 0].min()), int((own[:, 0] + own[:, 2]).max())
    rules = page.across
    wide = (
        (rules[:, 2] > 0.85 * (right - left))
        & (rules[:, 0] >= column.left)
        & (rules[:, 0] + rules[:, 2] <= column.right)
        & (rules[:, 1] > top + 1.5 * glyph)
        & (rules[:, 1] < stop)
    )
    edges = np.sort(rules[wide, 1])
    if len(edges) < 2 or edges[-1] < stop - 3 * glyph or edges[-1] < 0.8 * page.ink.shape[0]:
        return stop
    above, below = int(edges[-2]), int(edges[-1])
    tall = below - above
    text_under = own[(own[:, 1] > below) & (own[:, 1] < stop)]
    if not 1.5 * glyph < tall < 9 * glyph or len(text_under):
        return stop
    return above - 3
