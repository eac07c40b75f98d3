"""The template engine: known boxes, laid on the page by registration."""

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.boxes import reading_order, xywh_to_xyxy
from analysis.image import Image
from analysis.page_geometry import Matrix, flatten, transform
from analysis.page_registration import register
from analysis.segmentation.types import BoxTuple, Item, ItemKind, Segmentation
from faults import Code, Permanent

NumberedBoxes = tuple[tuple[int, tuple[float, float, float, float]], ...]


def place_template(
    image: Image,
    size: tuple[float, float],
    boxes: NumberedBoxes,
    blank: Image | None,
) -> Segmentation:
    """Map a template's boxes (number, xywh in units of `size`) into a BGR picture of its page.

    With `blank`, by registration on that picture; raises `Permanent(template_invalid)` if the page
    is another one. Without, the page's outline or the whole picture is the template's page.
    """
    matrix, (width, height), confidence, angle = _placement(image, blank)
    scale = np.array([width / size[0], height / size[1]])
    values = np.array([box for _, box in boxes], dtype=np.float64)
    scaled = values * np.concatenate([scale, scale])
    x, y, w, h = scaled.T
    corners = np.stack([x, y, x + w, y, x + w, y + h, x, y + h], axis=1).reshape(-1, 2)
    mapped = transform(corners, matrix).reshape(-1, 4, 2)
    limit = np.array([image.shape[1], image.shape[0]])
    low = np.clip(np.floor(mapped.min(axis=1)), 0, limit).astype(int)
    high = np.clip(np.ceil(mapped.max(axis=1)), 0, limit).astype(int)
    order = reading_order(xywh_to_xyxy(scaled))
    items = tuple(
        Item(
            kind=ItemKind.QUESTION,
            box=_box(low[i], high[i]),
            number=boxes[i][0],
            confidence=confidence,
        )
        for i in order
        if (high[i] > low[i]).all()
    )
    return Segmentation(items, "template", angle=angle)


def _box(low: NDArray[np.int_], high: NDArray[np.int_]) -> BoxTuple:
    x, y = (int(v) for v in low)
    right, bottom = (int(v) for v in high)
    return x, y, right - x, bottom - y


def _placement(image: Image, blank: Image | None) -> tuple[Matrix, tuple[int, int], float, float]:
    """Homography template picture → page, that picture's (w, h), how sure (0-1), and the angle."""
    if blank is None:
        flat = flatten(image)
        return flat.to_source, (flat.grey.shape[1], flat.grey.shape[0]), 0.5, flat.angle
    found = register(
        cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.cvtColor(blank, cv2.COLOR_BGR2GRAY)
    )
    if found is None:
        raise Permanent(
            Code.TEMPLATE_INVALID, "the page does not match the template; check template_url"
        )
    along = found.to_page[:2, 0]
    angle = round(float(np.degrees(np.arctan2(along[1], along[0]))), 2)
    size = (blank.shape[1], blank.shape[0])
    return found.to_page, size, round(min(1.0, found.inliers / 100), 3), angle
