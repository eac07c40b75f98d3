"""A page with its handwriting framed, for a person to look at."""

import cv2
import numpy as np

from analysis.handwriting.types import Handwriting
from analysis.image import Image

_COLOURS = {"writing": (200, 120, 0), "calculation": (0, 150, 0), "mark": (150, 0, 150)}
_RED = (40, 40, 220)
_LONG_SIDE = 1600


def annotate(image: Image, found: Handwriting) -> Image:
    """Draw regions and scores on a copy at most 1600 px long (BGR)."""
    scale = min(1.0, _LONG_SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = np.asarray(small, np.uint8)
    for region in found.regions:
        x, y, w, h = (round(value * scale) for value in region.box)
        colour = _RED if region.pen == "red" else _COLOURS[region.kind]
        cv2.rectangle(picture, (x - 2, y - 2), (x + w + 2, y + h + 2), colour, 2)
    text = f"writing {found.writing_score:.2f}  calculation {found.calculation_score:.2f}"
    cv2.putText(picture, text, (10, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, _RED, 2, cv2.LINE_AA)
    return picture
