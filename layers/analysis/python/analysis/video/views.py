"""A piece of ink seen near and from afar, as the net of `analysis.piece_net` looks at it.

Both views are scaled by the height of the page's glyphs and darkened to its print, so that neither
resolution nor light nor the paper's size matters.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.handwriting.strokes import CONTEXT, SHAPES, Pieces
from analysis.piece_net import Pictures

SIDE = 28
"""px of a view."""

NUMBERS = 2 * SHAPES + CONTEXT
"""Measures of a piece."""

_NEAR, _FAR = 11.0, 3.5
"""px of a glyph's height: near, two and a half glyphs are seen, from afar eight."""

_PRINT = 180
"""Darkness (of 255) that the page's print is brought to."""

_LARGE, _FEW = 0.05, 5
"""Squared glyph heights from which a piece tells what the page's print is like, if there are as
many."""

_DEVIATIONS = 6
"""Deviations from the page's print that are told apart."""


def views(pieces: Pieces, chosen: NDArray[np.bool_]) -> tuple[Pictures, Pictures]:
    """Pictures of the chosen pieces: near (uint8 [n, SIDE, SIDE, 2], all ink and the piece alone)
    and far ([n, SIDE, SIDE, 1])."""
    boxes = pieces.boxes[chosen]
    if not len(boxes):
        return tuple(np.zeros((0, SIDE, SIDE, count), np.uint8) for count in (2, 1))  # type: ignore[return-value]
    dark = 255 - pieces.flat.grey
    gain = _PRINT / max(_print_darkness(pieces, chosen), 20.0)
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    near = _scaled(dark, _NEAR / pieces.glyph, gain)
    far = _scaled(dark, _FAR / pieces.glyph, gain)
    size = (near.shape[1], near.shape[0])
    owner = cv2.resize(pieces.labels.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
    own = _around(owner, centres * _NEAR / pieces.glyph)
    number = (np.flatnonzero(chosen) + 1)[:, None, None]
    alone = np.where(own == number, 255, 0).astype(np.uint8)
    all_ink = _around(near, centres * _NEAR / pieces.glyph)
    from_afar = _around(far, centres * _FAR / pieces.glyph)
    return np.stack([all_ink, alone], axis=-1), from_afar[..., None]


def measures(pieces: Pieces) -> NDArray[np.float32]:
    """Numbers [n, NUMBERS]: a piece's shape and neighbours, and how its shape deviates from the
    page's own print."""
    shapes = pieces.features[:, :SHAPES]
    large = shapes[pieces.areas > _LARGE * pieces.glyph**2]
    usual = large if len(large) >= _FEW else shapes
    middle = np.median(usual, axis=0)
    spread = 1.48 * np.median(np.abs(usual - middle), axis=0) + 0.02
    apart = np.clip((shapes - middle) / spread, -_DEVIATIONS, _DEVIATIONS)
    parts = [pieces.features[:, : SHAPES + CONTEXT], apart]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _print_darkness(pieces: Pieces, chosen: NDArray[np.bool_]) -> float:
    """Median darkness (0-255) of the chosen pieces that are no specks."""
    large = pieces.areas[chosen] > _LARGE * pieces.glyph**2
    return 255 * float(np.median(pieces.features[chosen][large, 9])) if large.any() else 200.0


def _scaled(dark: Pictures, scale: float, gain: float) -> Pictures:
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(dark, None, fx=scale, fy=scale, interpolation=way)
    return np.asarray(np.clip(small.astype(np.float32) * gain, 0, 255), np.uint8)


def _around(picture: NDArray[Any], centres: NDArray[np.float64]) -> NDArray[Any]:
    """Squares [n, SIDE, SIDE] around points [n, 2] (x, y); zero beyond the picture."""
    half = SIDE // 2
    height, width = picture.shape
    wide = cv2.copyMakeBorder(picture, half, half, half, half, cv2.BORDER_CONSTANT, value=0)
    x = np.clip(centres[:, 0].astype(int), 0, width - 1)
    y = np.clip(centres[:, 1].astype(int), 0, height - 1)
    return np.stack(
        [wide[top : top + SIDE, left : left + SIDE] for left, top in zip(x, y, strict=True)]
    )
