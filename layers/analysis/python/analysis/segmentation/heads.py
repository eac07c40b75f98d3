"""Outputs of object detectors, told apart by their shapes.

one output  [1, n, 6]         end to end: left, top, right, bottom, score, class (n <= 1000)
one output  [1, 4 + k, n]     YOLOv8 and later: centre box, k class scores, n > 4 + k
one output  [1, n, 5 + k]     YOLOv5 to v7: centre box, objectness, k class scores
one output  [1, n, 4 + k]     as v8, turned, where the metadata names k classes
two outputs [1, n, k], [1, n, 4]   DETR-like: logits or scores, centre boxes as shares
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.boxes import centre_to_xyxy
from analysis.onnx import sigmoid
from faults import Code, Permanent

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes [n, 4] xyxy in px of the model's input, scores [n] 0-1, classes [n].

    `suppressed` is true where the head leaves no doubles.
    """

    boxes: Floats
    scores: Floats
    classes: NDArray[np.int_]
    suppressed: bool


def decode(
    outputs: list[NDArray[np.float32]], size: tuple[int, int], class_count: int | None
) -> Detections:
    """Read a detector's outputs for an input of `size` (w, h) px.

    `class_count` from the metadata settles what shapes alone leave open. Raises
    `Permanent(model_output_invalid)` for shapes of no known head.
    """
    arrays = [np.asarray(output, dtype=np.float64) for output in outputs]
    if any(not np.isfinite(array).all() for array in arrays):
        raise Permanent(Code.MODEL_OUTPUT_INVALID, "the detector returned no finite numbers")
    arrays = [array[0] for array in arrays if array.ndim == 3 and array.shape[0] == 1]
    if len(outputs) == 2 and len(arrays) == 2:
        return _detr(arrays, size)
    if len(outputs) == 1 and len(arrays) == 1:
        return _single(arrays[0], size, class_count)
    shapes = ", ".join(str(tuple(output.shape)) for output in outputs)
    raise Permanent(
        Code.MODEL_OUTPUT_INVALID, f"outputs shaped {shapes} are of no known detector head"
    )


def _single(rows: Floats, size: tuple[int, int], class_count: int | None) -> Detections:
    height, width = rows.shape
    told = class_count or -1
    if width == 6 and height <= 1000 and told != 1 and _looks_end_to_end(rows):
        return Detections(
            boxes=_in_pixels(rows[:, :4], size),
            scores=rows[:, 4],
            classes=rows[:, 5].astype(np.int_),
            suppressed=True,
        )
    if width == told + 5:
        return _with_objectness(rows, size)
    if width == told + 4:
        return _class_scores(rows, size)
    if height == told + 4 or (5 <= height < width):
        return _class_scores(rows.T, size)
    if width >= 6:
        return _with_objectness(rows, size)
    if width == 5:
        return _class_scores(rows, size)
    raise Permanent(
        Code.MODEL_OUTPUT_INVALID, f"an output shaped {rows.shape} is of no known detector head"
    )


def _looks_end_to_end(rows: Floats) -> bool:
    """Whole class numbers, scores 0-1 and boxes whose right lies right of their left."""
    classes, scores = rows[:, 5], rows[:, 4]
    used = scores > 0
    ordered = (rows[used, 2] >= rows[used, 0]) & (rows[used, 3] >= rows[used, 1])
    in_range = bool(((scores >= 0) & (scores <= 1)).all())
    return in_range and bool((classes == np.round(classes)).all()) and bool(ordered.all())


def _with_objectness(rows: Floats, size: tuple[int, int]) -> Detections:
    scores = rows[:, 5:] * rows[:, 4:5]
    return _best(rows[:, :4], scores, size)


def _class_scores(rows: Floats, size: tuple[int, int]) -> Detections:
    return _best(rows[:, :4], rows[:, 4:], size)


def _best(centres: Floats, scores: Floats, size: tuple[int, int]) -> Detections:
    if scores.size and (scores.min() < 0 or scores.max() > 1):
        scores = sigmoid(scores)
    classes = scores.argmax(axis=1)
    best = scores[np.arange(len(scores)), classes]
    return Detections(_in_pixels(centre_to_xyxy(centres), size), best, classes, suppressed=False)


def _detr(arrays: list[Floats], size: tuple[int, int]) -> Detections:
    boxes_first = arrays[0].shape[1] == 4 and (
        arrays[1].shape[1] != 4 or (arrays[0].min() >= 0 and arrays[0].max() <= 1)
    )
    boxes, logits = (arrays[0], arrays[1]) if boxes_first else (arrays[1], arrays[0])
    if boxes.shape[1] != 4 or len(boxes) != len(logits):
        raise Permanent(
            Code.MODEL_OUTPUT_INVALID, "two outputs that are no pair of scores and boxes"
        )
    return _best(boxes, logits, size)


def _in_pixels(boxes: Floats, size: tuple[int, int]) -> Floats:
    """Boxes given as shares of the input, in px."""
    if len(boxes) and np.abs(boxes).max() <= 2.0:
        return boxes * np.array([*size, *size], dtype=np.float64)
    return boxes
