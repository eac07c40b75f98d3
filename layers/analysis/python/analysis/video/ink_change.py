"""Ink that one of two pictures of a page lacks: another hand's copy of the same form, or the same
page before and after somebody wrote on it.

A hand, a leaf or a shadow that covers ink changes the paper's light too: no ink is counted there.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Map = NDArray[np.float32]

_INK = 7.0
_TRACE = 3.0
"""Levels below the surroundings (of 128, light evened) of ink, and of what may be ink: a stroke
counts as missing only where there is no trace of it."""

_NEAR = 9
"""px; a stroke is looked for within half of that: a curled page does not lie quite alike."""

_BLOCK = 16
_INKED = 0.06
"""px of a block's side, and the share of it that missing ink fills at least."""

_STROKE = 5
"""px; what is thinner is ink and not the paper's light; a pen that lies on the page is thicker."""

_RELIT = 0.12
"""Change of the light's logarithm, against the picture's median, of something that covers paper."""

_RIM = 15
"""px at the rim of what both pictures show."""

CHANGED = 4
"""Blocks of ink that make a change: 10 and more where a form is filled in anew (three of four
pairs of pages with half a dozen marks), 0 or 1 in two pictures of one page."""


def ink_change(
    one: tuple[Grey, Map], two: tuple[Grey, Map], matrix: NDArray[np.float64]
) -> tuple[int, int]:
    """Blocks with ink that only `one` has, and that only `two` has.

    Each is a grey picture and its detail (see `look.Look`); `matrix` maps `one` onto `two`.
    """
    height, width = two[0].shape
    size, blocks = (width, height), (max(1, width // _BLOCK), max(1, height // _BLOCK))
    laid = np.asarray(cv2.warpPerspective(one[1], matrix, size), np.float32)
    seen = _seen(one[0].shape, matrix, size)
    paper = _small(seen.astype(np.float32), blocks) > 0.9
    if not paper.any():
        return 0, 0
    light = cv2.warpPerspective(_light(one[0]), matrix, size)
    change = _small(np.asarray(np.log(np.maximum(light, 1) / _light(two[0])), np.float32), blocks)
    covered = (np.abs(change - np.median(change[paper])) > _RELIT).astype(np.uint8)
    bare = cv2.dilate(covered, np.ones((3, 3), np.uint8)) == 0

    def only(first: Map, second: Map) -> int:
        trace = (second < -_TRACE).astype(np.uint8)
        traced = cv2.dilate(trace, np.ones((_NEAR, _NEAR), np.uint8)) > 0
        missing = (first < -_INK) & seen & ~traced
        return int(((_small(missing.astype(np.float32), blocks) > _INKED) & bare).sum())

    return only(laid, two[1]), only(two[1], laid)


def _light(grey: Grey) -> Map:
    """The paper's light, its ink filled in."""
    bare = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((_STROKE, _STROKE), np.uint8))
    return np.asarray(cv2.blur(bare, (_STROKE, _STROKE)).astype(np.float32) + 8, np.float32)


def _seen(
    shape: tuple[int, ...], matrix: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.bool_]:
    inside = cv2.warpPerspective(np.ones(shape, np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    inside[0] = inside[-1] = 0
    inside[:, 0] = inside[:, -1] = 0
    return np.asarray(cv2.erode(inside, np.ones((_RIM, _RIM), np.uint8)) > 0)


def _small(values: Map, blocks: tuple[int, int]) -> Map:
    return np.asarray(cv2.resize(values, blocks, interpolation=cv2.INTER_AREA), np.float32)
