"""Question numbers at the beginnings of lines: "7." "7)" "[7]" "07" "문제 7." "[7～9]"."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from analysis.segmentation.columns import Column
from analysis.segmentation.glyph_cells import (
    Cells,
    features,
    line_extent,
    merge_parts,
    split_touching,
)
from analysis.segmentation.page_ink import Boxes, PageInk
from analysis.small_net import SmallNet

_WINDOW = 7.5
"""Glyph heights from a line's beginning in which its number must end."""

_MIN_SHARE = 0.02
"""A reading of a digit less likely than this is not followed up."""

_MIN_PROBABILITY = 0.25
"""Geometric mean over a token's glyphs below which it is no number at all."""


class Form(StrEnum):
    """How a number is set; the numbers of one page are set alike."""

    DOT = "dot"
    PAREN = "paren"
    BRACKET = "bracket"
    BARE = "bare"
    WORD = "word"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Token:
    """One reading of a line's beginning as a number.

    `last` is set for a range. `probability` 0-1 is the geometric mean over the glyphs. `x` and
    `y` are the left and top of the line in px, `bottom` its lower edge, `column` its index.
    """

    form: Form
    number: int
    last: int | None
    probability: float
    x: float
    y: float
    bottom: float
    column: int
    line: int


def read_tokens(page: PageInk, columns: tuple[Column, ...], net: SmallNet) -> list[Token]:
    """All readings of line beginnings as numbers, in reading order."""
    tokens: list[Token] = []
    line = 0
    for index, column in enumerate(columns):
        for start in line_starts(page, column):
            readings = _read_line(page, start, column, net)
            for form, number, last, probability in readings:
                tokens.append(
                    Token(
                        form=form,
                        number=number,
                        last=last,
                        probability=probability,
                        x=float(start[0]),
                        y=float(start[1]),
                        bottom=float(start[1] + start[3]),
                        column=index,
                        line=line,
                    )
                )
            line += 1
    return tokens


def line_starts(page: PageInk, column: Column) -> Boxes:
    """First segments of the lines of a column that begin in its left part, top to bottom."""
    own = in_column(page.segments, column)
    if not len(own):
        return own
    left = column_left(own, page.glyph)
    width = max(1.0, float((own[:, 0] + own[:, 2]).max()) - left)
    reach = min(0.35 * width, 8 * page.glyph)
    candidates = own[(own[:, 0] - left < reach) & (own[:, 3] > 0.35 * page.glyph)]
    keep = [row for row in candidates if not _has_left_neighbour(row, own)]
    return np.array(sorted(keep, key=lambda row: int(row[1])), dtype=np.int32).reshape(-1, 4)


def in_column(boxes: Boxes, column: Column) -> Boxes:
    """The boxes whose middle lies in a column."""
    x = boxes[:, 0] + boxes[:, 2] / 2
    y = boxes[:, 1] + boxes[:, 3] / 2
    inside = (x >= column.left) & (x < column.right) & (y >= column.top) & (y < column.bottom)
    return boxes[inside]


def column_left(own: Boxes, glyph: float) -> float:
    """Left edge of a column's text: where the leftmost lines begin, stray specks aside."""
    tall = own[own[:, 3] > 0.45 * glyph]
    starts = np.sort((tall if len(tall) else own)[:, 0])
    for start in starts:
        if (np.abs(starts - start) < 0.8 * glyph).sum() >= 2:
            return float(start)
    return float(starts[0])


def _has_left_neighbour(row: NDArray[np.int32], own: Boxes) -> bool:
    middle = row[1] + row[3] / 2
    beside = (own[:, 1] < middle) & (own[:, 1] + own[:, 3] > middle) & (own[:, 3] > 0.4 * row[3])
    return bool((beside & (own[:, 0] + own[:, 2] <= row[0] + 2)).any())


def _read_line(
    page: PageInk, start: NDArray[np.int32], column: Column, net: SmallNet
) -> list[tuple[Form, int, int | None, float]]:
    cells = _cells(page, start, column)
    if not len(cells):
        return []
    top, bottom = line_extent(cells)
    if _is_ringed(page, cells[0]):
        return []
    shares = net.probabilities(features(page.grey, cells, top, bottom, page.glyph))
    cells, shares = _split(page, cells, shares, (top, bottom), net)
    return parse(cells, shares, net.classes, page.glyph)


def _is_ringed(page: PageInk, cell: NDArray[np.int32]) -> bool:
    """Whether a faint arc stands close by a glyph's left: the ring of a ① in a thin font."""
    x, y, _, h = (int(value) for value in cell)
    far, near = max(0, x - round(0.5 * page.glyph)), max(0, x - round(0.1 * page.glyph))
    band = page.grey[y + h // 4 : y + h - h // 4, far:near]
    if band.size == 0 or h > 0.85 * page.glyph:
        return False
    return bool((255 - band.mean(axis=0)).max() > 255 - np.median(band) + 28)


def _cells(page: PageInk, start: NDArray[np.int32], column: Column) -> Cells:
    x, y, h = int(start[0]), int(start[1]), int(start[3])
    parts = page.parts
    middle = parts[:, 1] + parts[:, 3] / 2
    near = (
        (parts[:, 0] >= x - 2)
        & (parts[:, 0] < min(x + _WINDOW * page.glyph, column.right))
        & (middle > y - 0.1 * page.glyph)
        & (middle < y + h + 0.1 * page.glyph)
    )
    return merge_parts(parts[near])[:12]


def _split(
    page: PageInk,
    cells: Cells,
    shares: NDArray[np.float32],
    line: tuple[float, float],
    net: SmallNet,
) -> tuple[Cells, NDArray[np.float32]]:
    """Replace cells that read better as two touching glyphs by the two."""
    other = len(net.classes) - 1
    rows: list[NDArray[np.int32]] = []
    found: list[NDArray[np.float32]] = []
    for cell, share in zip(cells, shares, strict=True):
        unread = len(rows) < 6 and share[other] > 0.3
        for halves in split_touching(page.grey, cell) if unread else ():
            both = net.probabilities(features(page.grey, halves, *line, page.glyph))
            if float(both[:, :other].max(axis=1).min()) > 0.6:
                rows.extend(halves)
                found.extend(both)
                break
        else:
            rows.append(cell)
            found.append(share)
    return np.array(rows, dtype=np.int32), np.array(found, dtype=np.float32)


def parse(
    cells: Cells, shares: NDArray[np.float32], classes: tuple[str, ...], glyph: float
) -> list[tuple[Form, int, int | None, float]]:
    """Readings of a line's first cells as (form, number, last, probability), likeliest first.

    `shares` are class shares [n, classes] of the cells.
    """
    reader = _Reader(cells, shares, classes, glyph)
    readings = [*reader.ranges(0), *reader.brackets(0), *reader.plain(0)]
    word = reader.word_end()
    if word:
        readings += [(Form.WORD, n, last, p * 0.9) for _, n, last, p in reader.plain(word)]
    best: dict[tuple[Form, int, int | None], float] = {}
    for form, number, last, probability in readings:
        key = (form, number, last)
        if probability >= _MIN_PROBABILITY and number > 0:
            best[key] = max(best.get(key, 0.0), probability)
    ranked = sorted(best.items(), key=lambda pair: -pair[1])[:8]
    return [(*key, probability) for key, probability in ranked]


@dataclass(frozen=True, slots=True)
class _Reader:
    cells: Cells
    shares: NDArray[np.float32]
    classes: tuple[str, ...]
    glyph: float

    def share(self, index: int, name: str) -> float:
        if index >= len(self.cells):
            return 0.0
        return float(self.shares[index, self.classes.index(name)])

    def size_share(self, index: int) -> float:
        """How well a cell's height fits a digit of running text; the digit in a ① is smaller."""
        height = float(self.cells[index, 3]) / self.glyph
        return float(np.interp(height, (0.5, 0.68, 1.25, 1.7), (0.15, 1.0, 1.0, 0.3)))

    def gap_after(self, index: int) -> float:
        """Space right of a cell in glyph heights; wide at the end of what is seen."""
        if index + 1 >= len(self.cells):
            return 9.0
        right = self.cells[index, 0] + self.cells[index, 2]
        return float(self.cells[index + 1, 0] - right) / self.glyph

    def digits(self, start: int, most: int = 3) -> list[tuple[int, int, list[float]]]:
        """Numbers that may begin at a cell: (cells, value, share of each digit)."""
        found: list[tuple[int, int, list[float]]] = []
        open_ends: list[tuple[int, list[float]]] = [(0, [])]
        for length in range(1, most + 1):
            index = start + length - 1
            # A digit far from the one before belongs to another word.
            if index >= len(self.cells) or (length > 1 and self.gap_after(index - 1) > 0.45):
                break
            fits = self.size_share(index)
            grown = [
                (value * 10 + digit, [*used, share])
                for value, used in open_ends
                for digit in range(10)
                if (share := fits * self.share(index, str(digit))) > _MIN_SHARE
            ]
            open_ends = sorted(grown, key=lambda end: -float(np.prod(end[1])))[:4]
            found += [(length, value, used) for value, used in open_ends]
        return found

    def plain(self, start: int) -> list[tuple[Form, int, int | None, float]]:
        """ "7." "7)" and a bare "7" that a space follows."""
        found: list[tuple[Form, int, int | None, float]] = []
        for length, value, used in self.digits(start):
            after = start + length
            if self.gap_after(after - 1) < 0.6:
                for mark, form in ((".", Form.DOT), (")", Form.PAREN)):
                    mark_share = self.share(after, mark)
                    if mark_share > 0.05:
                        found.append((form, value, None, _mean([*used, mark_share])))
            gap = self.gap_after(after - 1)
            if 0.22 < gap < 9.0:
                sure = min(1.0, gap / 0.4)
                found.append((Form.BARE, value, None, 0.9 * sure * _mean(used)))
        return found

    def brackets(self, start: int) -> list[tuple[Form, int, int | None, float]]:
        """[7]."""
        opening = self.share(start, "[")
        if opening < 0.05:
            return []
        return [
            (Form.BRACKET, value, None, _mean([opening, *used, closing]))
            for length, value, used in self.digits(start + 1)
            if (closing := self.share(start + 1 + length, "]")) > 0.05
        ]

    def ranges(self, start: int) -> list[tuple[Form, int, int | None, float]]:
        """[7～9], also in round brackets, also after one sign such as ※."""
        found: list[tuple[Form, int, int | None, float]] = []
        for first in (start, start + 1):
            for opening, closing in (("[", "]"), ("(", ")")):
                left = self.share(first, opening)
                if left > 0.05:
                    found += self._range_within(first + 1, left, closing)
        return found

    def _range_within(
        self, start: int, left: float, closing: str
    ) -> list[tuple[Form, int, int | None, float]]:
        found: list[tuple[Form, int, int | None, float]] = []
        for length, low, used in self.digits(start):
            dash = start + length
            dash_share = self.share(dash, "~")
            if dash_share < 0.05:
                continue
            for length2, high, used2 in self.digits(dash + 1):
                right = self.share(dash + 1 + length2, closing)
                if low < high <= low + 15 and right > 0.05:
                    shares = [left, *used, dash_share, *used2, right]
                    found.append((Form.RANGE, low, high, _mean(shares)))
        return found

    def word_end(self) -> int | None:
        """Index of the cell after a first word 0.8-2.8 glyph heights wide, such as 문제 or Q."""
        for index in range(len(self.cells) - 1):
            width = (self.cells[index, 0] + self.cells[index, 2] - self.cells[0, 0]) / self.glyph
            if width > 2.8:
                return None
            if self.gap_after(index) > 0.2 and width >= 1.4:
                return index + 1
        return None


def _mean(shares: list[float]) -> float:
    return float(np.exp(np.mean(np.log(np.maximum(shares, 1e-6)))))
