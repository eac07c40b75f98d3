"""The paper of a filmed page, cut out of its frame with the light evened."""

from dataclasses import dataclass

import cv2
import numpy as np

from analysis.image import Image
from analysis.page_geometry import Grey
from analysis.video.outline import outline

_STROKES = 1 / 40
"""Share of the long side that is wider than ink: what is narrower is filled in to see the paper."""


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A page's BGR picture and where its upper left corner lies in the frame, px."""

    picture: Image
    left: int = 0
    top: int = 0


def paper_of(picture: Image) -> Paper:
    """Cut the paper out of an upright BGR frame; evenly lit, white around it.

    A frame in which no page stands out comes back whole.
    """
    light = _paper_light(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    lit = np.asarray(cv2.divide(picture, cv2.merge([light] * 3), scale=255), np.uint8)
    corners = outline(picture)
    if corners is None:
        return Paper(lit)
    outside = np.ones(light.shape, np.uint8)
    cv2.fillConvexPoly(outside, corners, 0)
    x, y, w, h = cv2.boundingRect(corners)
    left, top = max(0, x), max(0, y)
    paper = np.ascontiguousarray(lit[top : y + h, left : x + w])
    paper[outside[top : y + h, left : x + w] == 1] = 255
    return Paper(paper, left, top)


def _paper_light(grey: Grey) -> Grey:
    """Light that falls on each pixel's paper (uint8, 1 or more).

    A grey closing fills ink in and leaves a shadow's edge where it is; the brightest neighbour, by
    which `analysis.page_geometry` evens a photograph's light, would widen the lit side, and the
    dark side's rim become ink.
    """
    height, width = grey.shape
    small = cv2.resize(grey, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    reach = max(3, round(_STROKES * max(small.shape))) | 1
    light = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    light = cv2.medianBlur(light, min(31, reach))
    light = cv2.blur(light, (reach // 2 | 1,) * 2)
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.maximum(light, 1)
