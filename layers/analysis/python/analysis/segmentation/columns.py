"""Columns of a page: by a ruled divider, else by a valley with aligned line starts to its right."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.segmentation.page_ink import Boxes, PageInk, split_at

_DIVIDER_SHARE = 0.3
"""Of the page's height: shorter upright rules are sides of boxes and tables."""

_MIN_COLUMN_SHARE = 0.18
"""Of the text's width: four columns are the most seen."""

_CROSSING_LINES = 1.6
"""Lines of text that may cross a valley: a title or a page number."""

_ALIGNED_SHARE = 0.35
"""Share of lines right of a valley that start on one edge; a column's do, stray words do not."""

_ALIGNED_TWICE = 0.5
"""The same for two edges together: numbers hang left of their text."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column in px of the level page: x from `left` to `right`, y from `top` to `bottom`."""

    left: int
    right: int
    top: int
    bottom: int


def find_columns(page: PageInk) -> tuple[Column, ...]:
    """Split a page into columns, left to right; at least one."""
    height, width = page.ink.shape
    top = _header_bottom(page)
    cuts, ends = _dividers(page, top)
    bottom = max(ends) if ends else height
    bottom = _footer_top(page, bottom)
    body = page.segments[_within(page.segments, top, bottom)]
    if not len(body):
        return (Column(0, width, top, bottom),)
    cuts = cuts or _valleys(page, body, top, bottom)
    edges = [0, *cuts, width]
    return tuple(Column(left, right, top, bottom) for left, right in itertools.pairwise(edges))


def _within(boxes: Boxes, top: float, bottom: float) -> NDArray[np.bool_]:
    middle = boxes[:, 1] + boxes[:, 3] / 2
    return np.asarray((middle >= top) & (middle <= bottom))


def _header_bottom(page: PageInk) -> int:
    """Lower edge of the topmost wide rule if it stands free in the top fifth, else 0."""
    height, width = page.ink.shape
    wide = page.across[(page.across[:, 2] > 0.6 * width) & (page.across[:, 1] < height / 5)]
    if not len(wide):
        return 0
    x, y, w, h = (int(value) for value in wide[wide[:, 1].argmin()])
    return 0 if _has_side(page, x, y, w) else y + h


def _has_side(page: PageInk, x: int, y: int, w: int) -> bool:
    """Whether an upright rule meets either end of a rule, as in a box."""
    reach = page.glyph
    ends = page.upright[:, 0] + page.upright[:, 2] / 2
    touches = (np.abs(ends - x) < reach) | (np.abs(ends - (x + w)) < reach)
    low = page.upright[:, 1] - reach
    high = page.upright[:, 1] + page.upright[:, 3] + reach
    return bool((touches & (low < y) & (y < high)).any())


def _dividers(page: PageInk, top: int) -> tuple[list[int], list[int]]:
    """x of long free-standing upright rules, and the y of their lower ends."""
    height, width = page.ink.shape
    cuts: list[int] = []
    ends: list[int] = []
    for x, y, w, h in page.upright:
        middle = int(x + w / 2)
        inner = 0.15 * width < middle < 0.85 * width
        if not inner or h < _DIVIDER_SHARE * height or _is_side(page, middle, y, h):
            continue
        if not cuts or middle - cuts[-1] > _MIN_COLUMN_SHARE * width:
            cuts.append(middle)
            ends.append(int(y + h))
    order = np.argsort(cuts)
    spaced = [cuts[i] for i in order]
    return spaced, ends


def _is_side(page: PageInk, x: int, y: int, h: int) -> bool:
    """Whether an upright rule is the side of a box (a corner at both ends) or inside a table."""
    across = page.across
    reach = page.glyph
    meets = (across[:, 0] < x + reach / 3) & (across[:, 0] + across[:, 2] > x - reach / 3)
    between = (across[:, 1] > y + reach) & (across[:, 1] < y + h - reach)
    lefts, rights = across[:, 0], across[:, 0] + across[:, 2]
    from_here = (np.abs(lefts - x) < 0.6 * reach) | (np.abs(rights - x) < 0.6 * reach)
    corners = [(from_here & (np.abs(across[:, 1] - end) < 0.6 * reach)).any() for end in (y, y + h)]
    return int((meets & between).sum()) >= 2 or all(corners)


def _footer_top(page: PageInk, bottom: int) -> int:
    """Peel what stands apart in the last tenth: page numbers, notes on copyright."""
    height = page.ink.shape[0]
    rows = np.flatnonzero(page.ink[:bottom].sum(axis=1) > 2)
    while len(rows):
        breaks = np.flatnonzero(np.diff(rows) > 1.2 * page.glyph)
        start = int(rows[breaks[-1] + 1]) if len(breaks) else 0
        low = start > 0.9 * height
        small = rows[-1] - start < 2.6 * page.glyph
        if not (len(breaks) and low and small):
            return bottom
        bottom = int(rows[breaks[-1]] + 1 + page.glyph / 2)
        rows = rows[: breaks[-1] + 1]
    return bottom


def _valleys(page: PageInk, body: Boxes, top: int, bottom: int) -> list[int]:
    """x of the middle of each empty valley that looks like a column gap."""
    crossing = _crossing(page, top, bottom)
    left, right = int(body[:, 0].min()), int((body[:, 0] + body[:, 2]).max())
    low = crossing <= _CROSSING_LINES
    cuts: list[int] = []
    for start, stop in _stretches(low[left:right]):
        start, stop = start + left, stop + left
        if stop - start < 0.8 * page.glyph:
            continue
        edges = [left, *cuts]
        wide_enough = start - edges[-1] > _MIN_COLUMN_SHARE * (right - left)
        rest = right - stop > _MIN_COLUMN_SHARE * (right - left)
        if wide_enough and rest and _starts_align(page, body, stop, edges[-1], start):
            cuts.append((start + stop) // 2)
    return cuts


def _crossing(page: PageInk, top: int, bottom: int) -> NDArray[np.float64]:
    """For each x, about how many lines of text lie over it; a rule counts as two."""
    width = page.ink.shape[1]
    # A line of print inks about a third of its height in a column of pixels.
    inked = page.text[top:bottom].sum(axis=0) / (0.35 * page.glyph)
    across = page.across[_within(page.across, top + page.glyph, bottom)]
    steps = np.zeros(width + 1)
    np.add.at(steps, across[:, 0], 2.0)
    np.add.at(steps, np.minimum(across[:, 0] + across[:, 2], width), -2.0)
    return np.asarray(inked + np.cumsum(steps)[:width])


def _stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of each run of true values."""
    padded = np.concatenate([[0], flags.astype(np.int8), [0]])
    change = np.diff(padded)
    return list(
        zip(
            np.flatnonzero(change == 1).tolist(), np.flatnonzero(change == -1).tolist(), strict=True
        )
    )


def _starts_align(page: PageInk, body: Boxes, stop: int, edge: int, start: int) -> bool:
    """Whether enough lines start on the valley's right edge, and there are lines on its left."""
    parted = split_at(page, [(start + stop) // 2]).segments
    glyph = page.glyph
    line_like = (parted[:, 3] > 0.5 * glyph) & (parted[:, 3] < 1.9 * glyph)
    top, bottom = body[:, 1].min(), (body[:, 1] + body[:, 3]).max()
    lines = parted[line_like & _within(parted, top, bottom)]
    right = lines[lines[:, 0] >= (start + stop) // 2]
    left = lines[(lines[:, 0] >= edge) & (lines[:, 0] < start)]
    if min((right[:, 2] > 3 * glyph).sum(), (left[:, 2] > 3 * glyph).sum()) < 3:
        return False
    firsts = _first_of_lines(right, glyph)
    together = np.abs(firsts[:, None] - firsts[None, :]) < 0.4 * glyph
    near = together[firsts < stop + 6 * glyph]
    if not len(near):
        return False
    best = near[near.sum(axis=1).argmax()]
    second = (near & ~best).sum(axis=1).max()
    enough = best.sum() >= _ALIGNED_SHARE * len(firsts)
    enough |= best.sum() + second >= _ALIGNED_TWICE * len(firsts) and second >= 3
    return bool(enough and best.sum() >= 3)


def _first_of_lines(boxes: Boxes, glyph: float) -> NDArray[np.float64]:
    """Left edge of the first segment of each line, lines told apart by their middles."""
    middles = boxes[:, 1] + boxes[:, 3] / 2
    lines = np.round(middles / (0.8 * glyph)).astype(int)
    return np.array([boxes[lines == line, 0].min() for line in np.unique(lines)], dtype=np.float64)
