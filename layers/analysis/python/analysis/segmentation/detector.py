"""Any ONNX object detector as a segmentation engine."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.boxes import reading_order, suppress, xyxy_to_xywh
from analysis.image import Image
from analysis.onnx import open_model
from analysis.segmentation.heads import decode
from analysis.segmentation.types import Item, ItemKind, Segmentation

_DEFAULT_SIDE = 640
"""px; where a model leaves its size open and its metadata is silent."""

_PADDING = 114
"""Grey level around the picture: what YOLO models are trained with."""

_PASSAGE_NAMES = ("passage", "shared", "지문")
NOTHING = "the detector found no question"


def detect(
    image: Image, path: Path, least_confidence: float = 0.4, most_overlap: float = 0.5
) -> Segmentation:
    """Find questions in a BGR picture with an ONNX detector.

    Classes whose names speak of a passage become passages, all others questions; numbers are not
    read. Raises `Permanent` with `model_invalid` or `model_output_invalid`.
    """
    model = open_model(path)
    size = model.size or (_DEFAULT_SIDE, _DEFAULT_SIDE)
    tensor, scale, shift = letterbox(image, size)
    outputs = model.run({model.input_name: tensor})
    found = decode(outputs, size, len(model.names) or None)
    sure = found.scores >= least_confidence
    boxes = (found.boxes[sure] - np.tile(shift, 2)) / scale
    scores, classes = found.scores[sure], found.classes[sure]
    boxes = _clipped(boxes, image)
    if not found.suppressed:
        kept = suppress(boxes, scores, classes, most_overlap)
        boxes, scores, classes = boxes[kept], scores[kept], classes[kept]
    items = _items(boxes, scores, [model.names.get(int(c), "") for c in classes])
    return Segmentation(items, "yolo", reason=None if items else NOTHING, provider=model.provider)


def letterbox(
    image: Image, size: tuple[int, int]
) -> tuple[NDArray[np.float32], float, NDArray[np.float64]]:
    """Fit a BGR picture into `size` (w, h) without changing its shape.

    Returns the RGB tensor [1, 3, h, w] with values 0-1, the scale, and the shift (x, y) in px.
    """
    width, height = size
    scale = min(width / image.shape[1], height / image.shape[0])
    inner = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = cv2.resize(
        image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    canvas = np.full((height, width, 3), _PADDING, np.uint8)
    canvas[top : top + inner[1], left : left + inner[0]] = small
    planes = canvas[:, :, ::-1].transpose(2, 0, 1)[None]
    tensor = np.asarray(planes.astype(np.float32) / 255, np.float32)
    return tensor, scale, np.array([left, top], dtype=np.float64)


def _clipped(boxes: NDArray[np.float64], image: Image) -> NDArray[np.float64]:
    limit = np.array([image.shape[1], image.shape[0]] * 2, dtype=np.float64)
    return np.asarray(np.clip(boxes, 0, limit))


def _items(
    boxes: NDArray[np.float64], scores: NDArray[np.float64], names: list[str]
) -> tuple[Item, ...]:
    rounded = np.round(xyxy_to_xywh(boxes)).astype(int)
    items = []
    for index in reading_order(boxes):
        x, y, w, h = (int(value) for value in rounded[index])
        if w < 1 or h < 1:
            continue
        passage = any(part in names[index].lower() for part in _PASSAGE_NAMES)
        items.append(
            Item(
                kind=ItemKind.PASSAGE if passage else ItemKind.QUESTION,
                box=(x, y, w, h),
                confidence=round(float(min(1.0, scores[index])), 3),
            )
        )
    return tuple(items)
