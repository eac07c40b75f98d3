"""From pieces to scores and regions."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.handwriting.strokes import Pieces
from analysis.handwriting.types import Handwriting, Kind, Method, Region

_SURE = 0.5
"""Share of hand from which a piece counts."""

_SCALE = 8.0
"""Glyph heights of sure strokes that raise the writing score to 0.63."""

_DOUBT = 1.0
"""Glyph heights of sure strokes a region must exceed where its shape alone speaks for it: single
printed signs taken for a hand's reach that, and come and go with light and resolution."""

_REGION = 4.0
"""Glyph heights of sure strokes a region counts in full: two or three signs."""

_BEYOND = 0.3
"""Share that counts of what a region has beyond that."""

_SUM_SCALE = 14.0
"""Sure signs in worked sums that raise the calculation score to 0.63."""

_RED = 0.22
"""Redness (0-1) of a marking pen; a student's blue, black or pencil is below 0.05."""

_JOIN = 0.9
"""Glyph heights over which pieces of handwriting become one region."""


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Pieces joined to regions: `owner` [n] is each one's region or -1."""

    owner: NDArray[np.int_]
    count: int


def summarise(
    pieces: Pieces,
    hand: NDArray[np.float32],
    size: tuple[int, int],
    method: Method,
    note: str | None = None,
) -> Handwriting:
    """Add up pieces; `hand` [n] is how sure each is handwriting, `size` the picture's (w, h)."""
    red = pieces.redness > _RED
    groups = _groups(pieces, hand)
    student = groups.owner[~red & (groups.owner >= 0)]
    evidence = _evidence(pieces, hand)
    member = groups.owner >= 0
    doubt = _DOUBT if method == "shape" else 0.0
    by_student = _moderated(groups, evidence * (member & ~red), doubt)
    calculation = np.array([_is_sum(pieces, groups, g) for g in range(groups.count)], dtype=bool)
    in_sum = np.zeros(len(hand), bool)
    in_sum[member] = calculation[groups.owner[member]]
    signs = float((hand * in_sum * ~red * (pieces.boxes[:, 3] > 0.3 * pieces.glyph)).sum())
    inked = float(pieces.areas[member & ~red].sum()) / pieces.labels.size
    regions = tuple(
        _region(pieces, hand, groups, g, bool(calculation[g]), red, size)
        for g in range(groups.count)
    )
    return Handwriting(
        writing_score=round(1 - float(np.exp(-by_student / _SCALE)), 4),
        calculation_score=round(1 - float(np.exp(-signs / _SUM_SCALE)), 4) if len(student) else 0.0,
        ink_ratio=round(inked, 6),
        regions=tuple(sorted(regions, key=lambda region: (region.box[1], region.box[0]))),
        method=method,
        note=note,
    )


def _moderated(groups: _Groups, evidence: NDArray[np.float64], doubt: float) -> float:
    """Sum over regions, less `doubt` each; beyond _REGION less counts: a figure is one region."""
    member = groups.owner >= 0
    sums = np.bincount(groups.owner[member], evidence[member], max(1, groups.count))
    sums = np.maximum(sums - doubt, 0)
    return float((np.minimum(sums, _REGION) + _BEYOND * np.maximum(sums - _REGION, 0)).sum())


def _evidence(pieces: Pieces, hand: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much a piece says: nothing below _SURE, its extent (0-3 glyph heights) at certainty."""
    extent = np.maximum(pieces.boxes[:, 2], pieces.boxes[:, 3]) / pieces.glyph
    certainty = np.clip((hand - _SURE) / (1 - _SURE), 0, 1) ** 2
    return np.asarray(certainty * np.minimum(extent, 3.0))


def _groups(pieces: Pieces, hand: NDArray[np.float32]) -> _Groups:
    owner = np.full(len(hand), -1)
    chosen = np.flatnonzero(hand > _SURE)
    if not len(chosen):
        return _Groups(owner, 0)
    # Joined at a quarter of the size: a region's outline need not be finer.
    height, width = (side // 4 + 1 for side in pieces.labels.shape)
    plan = np.zeros((height, width), np.uint8)
    for x, y, w, h in (pieces.boxes[chosen] / 4).astype(int).tolist():
        plan[y : y + h + 1, x : x + w + 1] = 1
    reach = max(1, round(_JOIN * pieces.glyph / 4))
    joined = cv2.morphologyEx(plan, cv2.MORPH_CLOSE, np.ones((reach, 2 * reach), np.uint8))
    _, labels = cv2.connectedComponents(joined | plan)
    corner = (pieces.boxes[chosen] / 4).astype(int)
    names, found = np.unique(np.asarray(labels)[corner[:, 1], corner[:, 0]], return_inverse=True)
    owner[chosen] = found
    return _Groups(owner, len(names))


def _is_sum(pieces: Pieces, groups: _Groups, group: int) -> bool:
    """Whether a region is set like a worked sum: two or more lines of three or more signs."""
    rows = groups.owner == group
    boxes = pieces.boxes[rows]
    tall = boxes[:, 3] > 0.3 * pieces.glyph
    if tall.sum() < 6:
        return False
    return int((_signs_by_line(boxes[tall]) >= 3).sum()) >= 2


def _signs_by_line(boxes: NDArray[np.int32]) -> NDArray[np.int_]:
    """How many signs stand in each line; lines are parted by empty rows, a tenth forgiven.

    Syllables of Hangul hold pieces above one another, but one of them spans the line.
    """
    inset = 0.1 * boxes[:, 3]
    top, bottom = boxes[:, 1] + inset, boxes[:, 1] + boxes[:, 3] - inset
    order = np.argsort(top)
    reach = np.maximum.accumulate(bottom[order])
    starts = np.concatenate([[True], top[order][1:] >= reach[:-1]])
    return np.bincount(np.cumsum(starts) - 1)


def _region(
    pieces: Pieces,
    hand: NDArray[np.float32],
    groups: _Groups,
    group: int,
    is_sum: bool,
    red: NDArray[np.bool_],
    size: tuple[int, int],
) -> Region:
    own = groups.owner == group
    boxes = pieces.boxes[own].astype(np.float64)
    low = boxes[:, :2].min(axis=0)
    high = (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    flat_box = np.concatenate([low, high - low])[None]
    x, y, w, h = (int(v) for v in pieces.flat.boxes_to_source(flat_box, size)[0])
    weight = pieces.areas[own].astype(np.float64)
    sure = float((hand[own] * weight).sum() / weight.sum())
    is_red = float((red[own] * weight).sum() / weight.sum()) > 0.5
    kind: Kind = "calculation" if is_sum else "mark" if own.sum() <= 2 else "writing"
    return Region((x, y, w, h), kind, round(sure, 3), "red" if is_red else "student")
