"""What a page is recognised by, and whether two pictures show the same page.

ORB corners (Rublee et al. 2011) that agree on one homography say that two pictures share print;
the headers and rules of a workbook's layout do so on any two pages, so the pictures are then laid
over one another and compared block by block under even light. Copies of one form are told apart
by what is written on them.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.video.ink_change import CHANGED, ink_change
from faults import Code, Permanent

Grey = NDArray[np.uint8]

LONG_SIDE = 640
"""px of the picture a page is recognised by."""

_CORNERS = 500
_STRONGEST = 180
"""Corners of a picture, and the strongest of them that a first, cheap look compares."""

_LIKELY = 11
"""Strongest corners that must agree for a second look; two strange pages reach 8 by chance."""

_ALIKE = 64
"""Bits of 256 by which the words of one corner in two pictures may differ."""

_MIN_INLIERS = 32
"""Corners that must agree: the same page 100-400, pages of one layout up to 78."""

_SAME_SHARE = 0.6
"""Share of blocks with print that must agree, from there on: on the development videos the same
page 0.78-1 (99 %), others below 0.45 (99.5 %)."""

_BLOCK_AGREES = 0.5
"""Correlation (-1 to 1) of a block from which it counts as the same."""

_BLOCK = 24
_MIN_OVERLAP = 0.3
_MIN_PRINT = 0.03
"""Shares of the picture that must be seen in both, and of that, what must hold print."""


@dataclass(frozen=True, eq=False)
class Look:
    """A page's grey picture (uint8), `LONG_SIDE` px long, and what is drawn from it when it is
    first asked for: most pairs of pages differ by their corners, and a worker that only finds
    looks asks for nothing."""

    grey: Grey

    @cached_property
    def detail(self) -> NDArray[np.int8]:
        """What is finer than 15 px, the size of `grey`."""
        return _detail(self.grey)

    @property
    def points(self) -> NDArray[np.float32]:
        """Corners [n, 2] px, strongest first."""
        return self._corners[0]

    @property
    def words(self) -> Grey:
        """What is around each corner [n, 32]."""
        return self._corners[1]

    @cached_property
    def _corners(self) -> tuple[NDArray[np.float32], Grey]:
        points, words = _orb().detectAndCompute(_even(self.grey), None)
        if words is None:
            return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
        order = np.argsort([-point.response for point in points], kind="stable")
        places = np.array([point.pt for point in points], np.float32)
        return places[order], words[order]

    def to_bytes(self) -> bytes:
        """Keep it as a PNG: all else is drawn anew when it is read."""
        return bytes(cv2.imencode(".png", self.grey)[1].tobytes())

    @staticmethod
    def from_bytes(data: bytes) -> "Look":
        """Read what `to_bytes` wrote; the same look, bit for bit."""
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            raise Permanent(Code.INTERNAL, "a stored picture of a page is broken; run it again")
        return Look(np.asarray(grey, np.uint8))


class Kin(Enum):
    """How two pictures of the same print are kin."""

    SAME = "the same page"
    WRITTEN_ON = "the same page, written on from the first to the second"
    COPY = "copies of one form: each has ink that the other lacks"


def kin(one: Look, two: Look, *, likely: bool = False) -> Kin | None:
    """Compare the pages of two pictures; None where their print differs.

    Light, angle and a hand at the edge may differ. Where they are `likely` one page the first,
    cheap look is left out: a banner over the film has the strongest corners of all.
    """
    if not likely and _homography(one, two, _STRONGEST, _LIKELY) is None:
        return None
    matrix = _homography(one, two, _CORNERS, _MIN_INLIERS)
    if matrix is None or _agreement(one, two, matrix) < _SAME_SHARE:
        return None
    gone, come = ink_change(
        (one.grey, one.detail.astype(np.float32)), (two.grey, two.detail.astype(np.float32)), matrix
    )
    if min(gone, come) >= CHANGED:
        return Kin.COPY
    return Kin.WRITTEN_ON if come >= CHANGED else Kin.SAME


@lru_cache
def _orb() -> Any:
    return cv2.ORB.create(nfeatures=_CORNERS, fastThreshold=12)


def _homography(one: Look, two: Look, most: int, least: int) -> NDArray[np.float64] | None:
    """Map `one` onto `two` by their `most` strongest corners; None under `least` inliers."""
    if min(len(one.words), len(two.words)) < least:
        return None
    queries, trains = _pairs(one.words[:most], two.words[:most])
    if len(queries) < least:
        return None
    source, target = one.points[queries], two.points[trains]
    try:
        found, inside = cv2.findHomography(
            source, target, cv2.USAC_FAST, 3.0, maxIters=300, confidence=0.99
        )
    except cv2.error:
        return None
    if found is None or inside is None or int(np.sum(inside)) < least:
        return None
    matrix = np.asarray(found, np.float64)
    return matrix if matrix.shape == (3, 3) and _plausible(matrix, one.grey.shape) else None


def _pairs(one: Grey, two: Grey) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Corners of two pictures whose words are alike and each other's nearest, as places in each.

    One table of distances: OpenCV's matcher with a cross-check measures each twice.
    """
    distances = np.zeros((len(one), len(two)), np.int16)
    for part, other in zip(one.view(np.uint64).T, two.view(np.uint64).T, strict=True):
        distances += np.bitwise_count(part[:, None] ^ other[None])
    there, back = distances.argmin(axis=1), distances.argmin(axis=0)
    places = np.arange(len(one))
    mutual = (back[there] == places) & (distances[places, there] < _ALIKE)
    return places[mutual], there[mutual]


def _plausible(matrix: NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    """Whether the page would lie about as large as before: nobody films it twice as near."""
    height, width = shape[:2]
    corners = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float32)
    quad = cv2.perspectiveTransform(corners, matrix)
    if not np.isfinite(quad).all() or not cv2.isContourConvex(quad):
        return False
    return 0.3 < cv2.contourArea(quad) / (width * height) < 3.3


def _agreement(one: Look, two: Look, matrix: NDArray[np.float64]) -> float:
    height, width = two.grey.shape
    laid = cv2.warpPerspective(one.detail.astype(np.float32), matrix, (width, height))
    inside = np.ones(one.grey.shape, np.float32)
    seen = cv2.warpPerspective(inside, matrix, (width, height), flags=cv2.INTER_NEAREST)
    other = two.detail.astype(np.float32)
    blocks = (max(1, width // _BLOCK), max(1, height // _BLOCK))

    def means(*values: NDArray[np.float32] | cv2.typing.MatLike) -> list[NDArray[np.float32]]:
        small = cv2.resize(cv2.merge(values), blocks, interpolation=cv2.INTER_AREA)
        return [np.asarray(part, np.float32) for part in cv2.split(small)]

    mean_one, mean_two, square_one, square_two = means(laid, other, laid * laid, other * other)
    product, in_both = means(laid * other, seen)
    spread_one = np.maximum(square_one - mean_one**2, 1e-3)
    spread_two = np.maximum(square_two - mean_two**2, 1e-3)
    common = (product - mean_one * mean_two) / np.sqrt(spread_one * spread_two)
    both = in_both > 0.98
    spread = np.maximum(spread_one, spread_two)
    if both.mean() < _MIN_OVERLAP:
        return 0.0
    with_print = both & (spread > max(20.0, 0.5 * float(np.median(spread[both]))))
    if with_print.sum() < max(3.0, _MIN_PRINT * both.sum()):
        return 0.0
    return float((common[with_print] > _BLOCK_AGREES).mean())


def _even(grey: Grey) -> Grey:
    """Grey under even light, so that the strongest corners do not all lie out of the shadow."""
    light = cv2.blur(grey, (61, 61)).astype(np.float32)
    return np.asarray(np.clip(170.0 * grey.astype(np.float32) / (light + 12), 0, 255), np.uint8)


def _detail(grey: Grey) -> NDArray[np.int8]:
    """What is finer than 15 px, relative to the local light: neither shadow nor tint is left."""
    values = cv2.GaussianBlur(grey, (0, 0), 1.2).astype(np.float32)
    even = np.minimum(128 * values / (cv2.blur(values, (31, 31)) + 8.0), 255)
    fine = even - cv2.blur(even, (15, 15))
    return np.clip(np.rint(fine), -127, 127).astype(np.int8)
