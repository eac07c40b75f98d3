"""A page with its items drawn in, for a person to look at."""

from collections.abc import Sequence

import cv2
import numpy as np

from analysis.image import Image
from analysis.segmentation.types import Item, ItemKind

_COLOURS = {ItemKind.QUESTION: (40, 40, 220), ItemKind.PASSAGE: (200, 120, 0)}
_LONG_SIDE = 1600


def annotate(image: Image, items: Sequence[Item]) -> Image:
    """Draw boxes, numbers and reading order on a copy at most 1600 px long (BGR)."""
    scale = min(1.0, _LONG_SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = np.asarray(small, np.uint8)
    for place, item in enumerate(items):
        colour = _COLOURS[item.kind]
        for x, y, w, h in item.parts or (item.box,):
            corner = (round(x * scale), round(y * scale))
            opposite = (round((x + w) * scale), round((y + h) * scale))
            cv2.rectangle(picture, corner, opposite, colour, 2)
        _label(picture, item, place, scale)
    return picture


def _label(picture: Image, item: Item, place: int, scale: float) -> None:
    last = f"-{item.applies_to[-1]}" if item.applies_to else ""
    name = "?" if item.number is None else f"{item.number}{last}"
    text = f"{place + 1}: {name} {item.confidence:.2f}"
    x, y = round(item.box[0] * scale), max(14, round(item.box[1] * scale) - 4)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
    cv2.rectangle(picture, (x, y - height - 3), (x + width + 4, y + 3), (255, 255, 255), -1)
    colour = _COLOURS[item.kind]
    cv2.putText(picture, text, (x + 2, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)
