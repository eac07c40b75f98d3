"""Choices made of single Hangul letters ("③ ㄱ, ㄷ"), which Tesseract reads as 4, 7 or C.

Questions with a <보기> box end in them. They are read apart by a small net, and only where every
choice of a run is such a list in rising order: a lone 7 cannot become ㄱ.
"""

import itertools
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.ocr.circled import PATCH, Mark
from analysis.page_geometry import Grey
from analysis.small_net import load_net

CLASSES = ("other", *"ㄱㄴㄷㄹㅁㅂ")
"""What the net tells apart."""

DIGITS = "①②③④⑤⑥⑦⑧⑨"

_LEVEL = 200
"""Grey level below which a pixel is ink."""

_SMALLEST, _LARGEST = 0.3, 1.4
"""Height of a letter in glyph heights."""

_COMMA = 0.65
"""Share of the highest part's height below which a part is a comma: letters are equally high."""

_SURE = 0.7
"""Probability from which a letter is taken; a run of lists leaves little to chance."""

_FEWEST = 3
"""Choices a run must have."""

Boxes = NDArray[np.int_]


def find_letters(grey: Grey, marks: tuple[Mark, ...], glyph: float) -> tuple[Mark, ...]:
    """Letters of choices on evenly lit paper, given its circled signs.

    Each is a mark of its own; a comma belongs to the letter before it.
    """
    found: list[Mark] = []
    for run in _runs([mark for mark in marks if mark.text in DIGITS]):
        lists = [_list(grey, box, glyph) for box in _cells(run, grey.shape[1])]
        if len(lists) >= _FEWEST and all(lists):
            found += itertools.chain.from_iterable(lists)
    return tuple(found)


def squares(grey: Grey, boxes: Boxes) -> NDArray[np.float32]:
    """[n, PATCH²] ink shares 0-1 of the boxes, each in the middle of a square."""
    result = np.zeros((len(boxes), PATCH * PATCH), np.float32)
    for row, (x, y, w, h) in zip(result, boxes, strict=True):
        cut = grey[y : y + h, x : x + w].astype(np.float32)
        ink = (cut.max() - cut) / max(1.0, float(cut.max() - cut.min()))
        side = max(w, h) + 2
        left, top = (side - w) // 2, (side - h) // 2
        square = cv2.copyMakeBorder(
            ink, top, side - h - top, left, side - w - left, cv2.BORDER_CONSTANT, value=(0,)
        )
        method = cv2.INTER_AREA if side > PATCH else cv2.INTER_LINEAR
        row[:] = cv2.resize(square, (PATCH, PATCH), interpolation=method).ravel()
    return result


def parts(grey: Grey) -> Boxes:
    """[n, 4] xywh of the connected pieces of ink, left to right."""
    ink = (grey < _LEVEL).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    boxes = np.asarray(stats[1:, :4], np.int_)
    return boxes[np.argsort(boxes[:, 0], kind="stable")]


def _runs(marks: list[Mark]) -> Iterator[list[Mark]]:
    """Marks in reading order, cut before each ①."""
    run: list[Mark] = []
    for mark in _reading_order(marks):
        if mark.text == "①" and run:
            yield run
            run = []
        run.append(mark)
    if run:
        yield run


def _reading_order(marks: list[Mark]) -> list[Mark]:
    """By lines, then by place in the line."""
    lines: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.box[1]):
        if lines and mark.box[1] - lines[-1][0].box[1] < 0.6 * mark.box[3]:
            lines[-1].append(mark)
        else:
            lines.append([mark])
    return [mark for line in lines for mark in sorted(line, key=lambda mark: mark.box[0])]


def _cells(run: list[Mark], width: int) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right, bottom of what stands behind each mark of a run."""
    for mark, after in itertools.zip_longest(run, run[1:]):
        x, y, w, h = mark.box
        beside = after is not None and abs(after.box[1] - y) < 0.6 * h
        right = after.box[0] if beside and after is not None else width
        yield x + w + 1, max(0, y - round(0.15 * h)), right - 1, y + round(1.3 * h)


def _list(grey: Grey, cell: tuple[int, int, int, int], glyph: float) -> list[Mark]:
    """The letters of a cell; empty where it holds anything else."""
    left, top, right, bottom = cell
    cut = grey[top:bottom, left:right]
    if min(cut.shape, default=0) < 3:
        return []
    boxes = parts(cut)
    highest = boxes[:, 3].max(initial=0)
    if not _SMALLEST * glyph <= highest <= _LARGEST * glyph:
        return []
    is_tall = boxes[:, 3] >= _COMMA * highest
    tall = boxes[is_tall]
    low = boxes[~is_tall & (boxes[:, 2:].max(axis=1) > 0.08 * glyph)]
    if len(tall) > len(CLASSES):
        return []
    shares = load_net("hangul_letters").probabilities(squares(cut, tall))
    best = shares.argmax(axis=1)
    if best.min() == 0 or shares.max(axis=1).min() < _SURE or (np.diff(best) <= 0).any():
        return []
    ends = [*tall[1:, 0], right - left]
    found = []
    for box, index, share, end in zip(tall, best, shares, ends, strict=True):
        comma = bool(((low[:, 0] >= box[0] + 0.5 * box[2]) & (low[:, 0] < end)).any())
        x, y, w, h = (int(side) for side in box)
        text = CLASSES[index] + ("," if comma and end < right - left else "")
        found.append(Mark(text, (left + x, top + y, w, h), float(share[index])))
    return found
