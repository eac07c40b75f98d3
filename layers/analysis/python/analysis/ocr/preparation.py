"""Before the engine: level, evenly lit, glyphs of the size it reads best, no ruled lines."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image
from analysis.ocr.pieces import Piece
from analysis.page_geometry import INK_LEVEL, FlatPage, Grey, even_light, flatten
from analysis.segmentation.columns import find_columns
from analysis.segmentation.page_ink import read_ink

GLYPH_HEIGHT = 27.0
"""px of a Hangul glyph; error rates over 12 crops: 19 px .126, 24 px .116, 29 px .111, 35 px
.137."""

_LONGEST = 4200
"""px of the long side at most: A3 at GLYPH_HEIGHT; a photo full of specks would be blown up."""

_MIN_SCALE, _MAX_SCALE = 0.4, 3.0
_RULE_WIDTH, _RULE_HEIGHT = 6.0, 3.0
"""Glyph heights from which a straight run is a ruled line; a bound relative to the crop would
eat strokes of Hangul."""

_RULE_LEVEL = 200
"""Grey level below which a pixel may belong to a ruled line: they are thin, and pale in photos."""

_LEAST_GLYPH = 0.4
"""Glyph heights of the lowest letter; grain is lower."""

_MARGIN = 12
"""px of white around a block: Tesseract loses glyphs that touch the border."""

_RIM = 1.5
"""Glyph heights a picture is widened by."""

_PATCH_GLYPHS = 24.0
"""Glyph heights on a side of the part of a page that is read to tell which way up it is."""

_PAGE_GLYPHS = 34.0
"""Glyph heights a picture must have on both sides to be searched for columns; a question that was
cut out has fewer."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a prepared page that is read at once, in px of the page."""

    left: int
    top: int
    right: int
    bottom: int

    def moved(self, piece: Piece) -> Piece:
        """A piece read in this block's cut, in px of the page."""
        x, y, w, h = piece.box
        return replace(piece, box=(x - _MARGIN + self.left, y - _MARGIN + self.top, w, h))


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """`flat` is the level page at GLYPH_HEIGHT, `grey` the same without ruled lines.

    `blocks` are in reading order; none for a picture without glyphs. `rim` is by how many px the
    picture was widened on all sides before it was levelled.
    """

    flat: FlatPage
    grey: Grey
    blocks: tuple[Block, ...]
    rim: int

    def to_source(self, boxes: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.int_]:
        """Map [n, 4] xywh boxes on `grey` to boxes in the picture of `size` (w, h) in px."""
        width, height = size
        found = self.flat.boxes_to_source(boxes, (width + 2 * self.rim, height + 2 * self.rim))
        low = np.clip(found[:, :2] - self.rim, 0, (width - 1, height - 1))
        high = np.clip(found[:, :2] + found[:, 2:] - self.rim, low + 1, size)
        return np.concatenate([low, high - low], axis=1)

    @property
    def whole(self) -> Block:
        """The page as one block."""
        height, width = self.grey.shape
        return Block(0, 0, width, height)

    def cut(self, block: Block) -> Grey:
        """A block with a white margin, uint8."""
        return cv2.copyMakeBorder(
            self.grey[block.top : block.bottom, block.left : block.right],
            *(4 * (_MARGIN,)),
            borderType=cv2.BORDER_CONSTANT,
            value=(255,),
        )


def prepare(image: Image, quarter_turns: int = 0) -> Prepared:
    """Make a BGR picture fit to be read, after `quarter_turns` clockwise turns."""
    grey: Grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    glyph = glyph_height(even_light(grey))
    scale = float(np.clip(GLYPH_HEIGHT / glyph, _MIN_SCALE, _MAX_SCALE)) if glyph else 1.0
    if 0.9 < scale < 1.1:
        scale = 1.0
    rim = 0
    if not _is_page(grey, glyph):  # levelling loses the edges, where a tight crop has text
        rim = round(_RIM * glyph)
        grey = cv2.copyMakeBorder(
            even_light(grey), rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(255,)
        )
    long_side = min(_LONGEST, max(1, round(scale * max(grey.shape))))
    flat = flatten(grey, quarter_turns=quarter_turns, long_side=long_side)
    if not glyph:
        return Prepared(flat, flat.grey, (), rim)
    page = _without_rules(flat.grey, GLYPH_HEIGHT)
    return Prepared(flat, page, _trimmed(page, _blocks(flat.grey)), rim)


def _blocks(grey: Grey) -> tuple[Block, ...]:
    """Header, columns from left to right and footer of a page; a small picture as a whole."""
    height, width = grey.shape
    whole = (Block(0, 0, width, height),)
    if not _is_page(grey, GLYPH_HEIGHT):
        return whole
    page = read_ink(grey)
    columns = find_columns(page) if page is not None else ()
    if len(columns) < 2:
        return whole
    top, bottom = columns[0].top, columns[0].bottom
    body = [Block(column.left, top, column.right, bottom) for column in columns]
    blocks = [Block(0, 0, width, top), *body, Block(0, bottom, width, height)]
    return tuple(block for block in blocks if block.bottom - block.top > GLYPH_HEIGHT / 2)


def _trimmed(grey: Grey, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Blocks cut down to their glyphs, those without any left out.

    On blank paper the engine reads the grain, and takes longer for it than for text.
    """
    ink = (grey < INK_LEVEL).astype(np.uint8)
    kept = []
    for block in blocks:
        part = ink[block.top : block.bottom, block.left : block.right]
        _, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
        large = stats[1:][stats[1:, cv2.CC_STAT_HEIGHT] >= _LEAST_GLYPH * GLYPH_HEIGHT]
        if len(large):
            tops, heights = large[:, cv2.CC_STAT_TOP], large[:, cv2.CC_STAT_HEIGHT]
            top = max(block.top, block.top + int(tops.min()) - _MARGIN)
            bottom = min(block.bottom, block.top + int((tops + heights).max()) + _MARGIN)
            kept.append(replace(block, top=top, bottom=bottom))
    return tuple(kept)


def _is_page(grey: Grey, glyph: float) -> bool:
    return bool(min(grey.shape) >= _PAGE_GLYPHS * max(glyph, 1.0))


def central_patch(image: Image) -> Image | None:
    """The middle of a page, enough to tell which way its text stands; None for a small picture."""
    grey = even_light(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
    glyph = glyph_height(grey)
    side = round(_PATCH_GLYPHS * glyph)
    height, width = grey.shape
    if not glyph or max(height, width) <= 1.5 * side:
        return None
    # the fullest of nine places: the middle of a page may be a figure or blank
    places = [
        (round(y * max(0, height - side)), round(x * max(0, width - side)))
        for y in (0.25, 0.5, 0.75)
        for x in (0.25, 0.5, 0.75)
    ]
    full = [int((grey[y : y + side, x : x + side] < INK_LEVEL).sum()) for y, x in places]
    y, x = places[int(np.argmax(full))]
    return image[y : y + side, x : x + side]


def glyph_height(grey: Grey) -> float:
    """Typical height in px of a Hangul glyph on evenly lit paper, 0 where there are none.

    Syllables are joined from their strokes first: a closing of a few px, then the upper part of
    the distribution of component heights, since dots and strokes are many.
    """
    ink = (grey < INK_LEVEL).astype(np.uint8)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    width, height = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    tall = height[(height >= 6) & (height <= grey.shape[0] / 3) & (width <= 3 * height)]
    return float(np.percentile(tall, 75)) if tall.size >= 4 else 0.0


def _without_rules(grey: Grey, glyph: float) -> Grey:
    """Paint over straight runs that are too long to be strokes; they may slant by a px or two."""
    ink = (grey < _RULE_LEVEL).astype(np.uint8)
    rules: Grey = np.zeros_like(ink)
    for length, across in ((_RULE_WIDTH * glyph, True), (_RULE_HEIGHT * glyph, False)):
        run, thick = (1, round(length)), (3, 1)
        if not across:
            run, thick = run[::-1], thick[::-1]
        thicker = cv2.dilate(ink, np.ones(thick, np.uint8))
        runs = cv2.morphologyEx(thicker, cv2.MORPH_OPEN, np.ones(run, np.uint8))
        rules = cv2.max(rules, runs)
    cleared = grey.copy()
    cleared[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 255
    return cleared
