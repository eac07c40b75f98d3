"""Before the engine: even light, glyphs of the size Tesseract reads best, no ruled lines."""

from dataclasses import dataclass

import cv2
import numpy as np

from analysis.image import Image
from analysis.page_geometry import INK_LEVEL, Grey, even_light

GLYPH_HEIGHT = 27.0
"""px of a Hangul glyph; error rates over 12 crops: 19 px .126, 24 px .116, 29 px .111, 35 px
.137."""

_MIN_SCALE, _MAX_SCALE = 0.4, 3.0
_RULE_WIDTH, _RULE_HEIGHT = 6.0, 3.0
"""Glyph heights from which a straight run is a ruled line; a bound relative to the crop would
eat strokes of Hangul."""

_MARGIN = 12
"""px of white around the page: Tesseract loses glyphs that touch the border."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """`grey` uint8 as the engine gets it; a point p in it lies at (p - margin) / scale before."""

    grey: Grey
    scale: float
    glyph: float

    def to_source(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Map a box (x, y, w, h) back to the picture that was prepared."""
        x, y, w, h = box
        return (
            max(0, round((x - _MARGIN) / self.scale)),
            max(0, round((y - _MARGIN) / self.scale)),
            max(1, round(w / self.scale)),
            max(1, round(h / self.scale)),
        )


def prepare(image: Image) -> Prepared:
    """Make a BGR picture fit to be read; `glyph` is the height found before scaling, in px."""
    grey = even_light(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
    glyph = glyph_height(grey)
    scale = float(np.clip(GLYPH_HEIGHT / glyph, _MIN_SCALE, _MAX_SCALE)) if glyph else 1.0
    if 0.9 < scale < 1.1:
        scale = 1.0
    if scale != 1.0:
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)
    grey = _without_rules(grey, GLYPH_HEIGHT if glyph else 0.0)
    return Prepared(
        cv2.copyMakeBorder(
            grey, _MARGIN, _MARGIN, _MARGIN, _MARGIN, cv2.BORDER_CONSTANT, value=(255,)
        ),
        scale,
        glyph,
    )


def glyph_height(grey: Grey) -> float:
    """Typical height in px of a Hangul glyph on evenly lit paper, 0 where there are none.

    Syllables are joined from their strokes first: a closing of a few px, then the upper part of
    the distribution of component heights, since dots and strokes are many.
    """
    ink = (grey < INK_LEVEL).astype(np.uint8)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    width, height = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    tall = height[(height >= 6) & (height <= grey.shape[0] / 3) & (width <= 3 * height)]
    return float(np.percentile(tall, 75)) if tall.size >= 4 else 0.0


def _without_rules(grey: Grey, glyph: float) -> Grey:
    """Paint over straight runs that are too long to be strokes."""
    if not glyph:
        return grey
    ink = (grey < INK_LEVEL).astype(np.uint8)
    across = cv2.morphologyEx(
        ink, cv2.MORPH_OPEN, np.ones((1, round(_RULE_WIDTH * glyph)), np.uint8)
    )
    down = cv2.morphologyEx(
        ink, cv2.MORPH_OPEN, np.ones((round(_RULE_HEIGHT * glyph), 1), np.uint8)
    )
    rules = cv2.dilate(across | down, np.ones((3, 3), np.uint8))
    cleared = grey.copy()
    cleared[rules > 0] = 255
    return cleared
