"""The built-in engine: reads a page's layout from its ink, with no OCR and no detector.

Level the page, find columns, read number tokens at line starts, keep the best ascending chain,
and box what lies between its anchors.
"""

from dataclasses import dataclass

import numpy as np

from analysis.image import Image
from analysis.page_geometry import FlatPage, flatten
from analysis.segmentation.chain import best_chain
from analysis.segmentation.columns import Column, find_columns
from analysis.segmentation.numbers import Form, Token, column_left, in_column, read_tokens
from analysis.segmentation.page_ink import PageInk, read_ink, runs_upright, split_at
from analysis.segmentation.regions import Region, regions
from analysis.segmentation.types import EngineName, Item, ItemKind, Segmentation
from analysis.small_net import load_net

ENGINE: EngineName = "opencv"
NO_TEXT = "no text was found on the page"
NO_NUMBERS = "no question numbers were found on the page"


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """A page read at one quarter turn."""

    flat: FlatPage
    page: PageInk | None
    columns: tuple[Column, ...]
    chain: list[Token]


def segment_layout(image: Image) -> Segmentation:
    """Find questions and shared passages in a BGR picture of a page.

    A page that shows none is tried upside down, or both ways round where its lines run upright.
    Without any, `items` is empty and `reason` tells why.
    """
    found = _read(image, 0)
    if not found.chain:
        turned = (_read(image, turn) for turn in _other_turns(found.page))
        found = next((reading for reading in turned if _convinces(reading.chain)), found)
    if found.page is None:
        return Segmentation((), ENGINE, found.flat.angle, 1, NO_TEXT)
    if not found.chain:
        return Segmentation((), ENGINE, found.flat.angle, len(found.columns), NO_NUMBERS)
    size = (image.shape[1], image.shape[0])
    boxed = regions(found.page, found.columns, found.chain)
    items = tuple(_item(found.flat, region, size) for region in boxed)
    return Segmentation(items, ENGINE, found.flat.angle, len(found.columns))


def _read(image: Image, quarter_turns: int) -> _Reading:
    flat = flatten(image, quarter_turns=quarter_turns)
    page = read_ink(flat.grey)
    if page is None:
        return _Reading(flat, None, (), [])
    columns = find_columns(page)
    page = split_at(page, [column.left for column in columns[1:]])
    tokens = read_tokens(page, columns, load_net("number_glyphs"))
    return _Reading(flat, page, columns, best_chain(tokens, _lefts(page, columns), page.glyph))


def _other_turns(page: PageInk | None) -> tuple[int, ...]:
    if page is None:
        return ()
    return (1, 3) if runs_upright(page) else (2,)


def _convinces(chain: list[Token]) -> bool:
    """A page turned by guess must show more than one number, and clear ones."""
    return len(chain) > 1 and sum(token.probability for token in chain) > 0.75 * len(chain)


def _lefts(page: PageInk, columns: tuple[Column, ...]) -> list[float]:
    lefts: list[float] = []
    for column in columns:
        own = in_column(page.segments, column)
        lefts.append(column_left(own, page.glyph) if len(own) else float(column.left))
    return lefts


def _item(flat: FlatPage, region: Region, size: tuple[int, int]) -> Item:
    token = region.token
    boxes = flat.boxes_to_source(np.array(region.boxes, dtype=np.float64), size)
    parts = tuple((int(x), int(y), int(w), int(h)) for x, y, w, h in boxes)
    passage = token.form is Form.RANGE
    last = token.last or token.number
    return Item(
        kind=ItemKind.PASSAGE if passage else ItemKind.QUESTION,
        box=parts[0],
        number=token.number,
        applies_to=tuple(range(token.number, last + 1)) if passage else (),
        column=token.column,
        confidence=round(token.probability, 3),
        parts=parts if len(parts) > 1 else (),
    )
