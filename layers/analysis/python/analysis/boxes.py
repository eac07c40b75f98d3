"""Boxes as arrays: overlap, suppression, matching, reading order.

Boxes are [n, 4] arrays; `xyxy` means left, top, right, bottom and `xywh` left, top, width,
height, in px. Empty and inverted boxes have no area and overlap nothing.
"""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]


def xywh_to_xyxy(boxes: Boxes) -> Boxes:
    """[n, 4] left, top, width, height to left, top, right, bottom."""
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def xyxy_to_xywh(boxes: Boxes) -> Boxes:
    """[n, 4] left, top, right, bottom to left, top, width, height."""
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def centre_to_xyxy(boxes: Boxes) -> Boxes:
    """[n, 4] centre x, centre y, width, height to left, top, right, bottom."""
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def areas(boxes: Boxes) -> NDArray[np.float64]:
    """Areas [n] in px² of xyxy boxes; 0 for empty and inverted ones."""
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    return np.asarray(sides[:, 0] * sides[:, 1])


def intersections(one: Boxes, two: Boxes) -> NDArray[np.float64]:
    """Areas [n, m] in px² that xyxy boxes share."""
    one = np.asarray(one, dtype=np.float64).reshape(-1, 1, 4)
    two = np.asarray(two, dtype=np.float64).reshape(1, -1, 4)
    low = np.maximum(one[..., :2], two[..., :2])
    high = np.minimum(one[..., 2:], two[..., 2:])
    sides = np.maximum(high - low, 0.0)
    return np.asarray(sides[..., 0] * sides[..., 1])


def iou(one: Boxes, two: Boxes) -> NDArray[np.float64]:
    """Intersection over union [n, m], 0-1, of xyxy boxes."""
    shared = intersections(one, two)
    union = areas(one)[:, None] + areas(two)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def suppress(
    boxes: Boxes, scores: NDArray[np.float64], classes: NDArray[np.int_], overlap: float
) -> NDArray[np.int_]:
    """Class-aware non-maximum suppression: indices kept, by falling score.

    A box goes when it overlaps a better one of its own class by more than `overlap` (IoU, 0-1).
    """
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    order = np.argsort(-np.asarray(scores), kind="stable")
    rivals = iou(boxes[order], boxes[order]) > overlap
    rivals &= classes[order][:, None] == classes[order][None, :]
    kept = np.ones(len(order), dtype=bool)
    for index in range(len(order)):
        if kept[index]:
            kept[index + 1 :] &= ~rivals[index, index + 1 :]
    return np.asarray(order[kept], dtype=np.int_)


def match(one: Boxes, two: Boxes, least: float) -> list[tuple[int, int]]:
    """Pair xyxy boxes one to one by falling IoU, pairs below `least` left out."""
    overlap = iou(one, two)
    pairs: list[tuple[int, int]] = []
    while overlap.size and overlap.max() >= least:
        i, j = np.unravel_index(int(overlap.argmax()), overlap.shape)
        pairs.append((int(i), int(j)))
        overlap[i, :] = -1.0
        overlap[:, j] = -1.0
    return pairs


def reading_order(boxes: Boxes) -> NDArray[np.int_]:
    """Indices of xyxy boxes in reading order: columns left to right, each top to bottom.

    Boxes belong to one column when they overlap in x by half of the narrower one; a box as wide
    as several columns is read before what stands below it.
    """
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    if not len(boxes):
        return np.zeros(0, dtype=np.int_)
    order = _order_block(boxes, np.arange(len(boxes)))
    return np.array(order, dtype=np.int_)


def _order_block(boxes: Boxes, indices: NDArray[np.int_]) -> list[int]:
    """Cut along an empty upright line if there is one, else along an empty level line."""
    if len(indices) < 2:
        return [int(i) for i in indices]
    for axis in (0, 1):
        groups = _groups(boxes[indices], axis)
        if groups.max() > 0:
            parts = [indices[groups == g] for g in range(int(groups.max()) + 1)]
            return [i for part in parts for i in _order_block(boxes, part)]
    left_to_right = np.lexsort((boxes[indices, 0], boxes[indices, 1]))
    return [int(i) for i in indices[left_to_right]]


def _groups(boxes: Boxes, axis: int) -> NDArray[np.int_]:
    """Number of the run each box belongs to along an axis; runs are parted by empty lines.

    Edges are drawn in by a twentieth, so that boxes that touch or just overlap still part.
    """
    low, high = boxes[:, axis], boxes[:, axis + 2]
    inset = 0.05 * (high - low)
    low, high = low + inset, high - inset
    order = np.argsort(low)
    reach = np.maximum.accumulate(high[order])
    starts = np.concatenate([[False], low[order][1:] >= reach[:-1]])
    groups = np.empty(len(boxes), dtype=np.int_)
    groups[order] = np.cumsum(starts)
    return groups
