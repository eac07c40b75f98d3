"""Is the picture good enough, and what should a teacher be told if it is not?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.registration import Registration
from analysis.omr.template import Template

Grey = NDArray[Any]

_BLURRED = 0.25
_GLARE = 0.03
_SMALL = 3.0
"""px a millimetre; below it a bubble of 2.5 mm radius is 15 px wide and marks melt into print."""


class Verdict(StrEnum):
    """Message codes; an upside-down sheet is none of them, it is simply turned."""

    CUT = "cut"
    BLURRED = "blurred"
    GLARE = "glare"
    TOO_SMALL = "too_small"
    WRONG_FORM = "wrong_form"


MESSAGES: dict[Verdict, tuple[str, str]] = {
    Verdict.CUT: (
        "답안지가 잘렸습니다. 네 모서리가 모두 보이게 다시 찍어 주세요.",
        "The sheet is cut off; take the picture again with all four corners in it.",
    ),
    Verdict.BLURRED: (
        "사진이 흐립니다. 초점을 맞추어 다시 찍어 주세요.",
        "The picture is blurred; hold still, focus and take it again.",
    ),
    Verdict.GLARE: (
        "빛이 반사되어 일부가 보이지 않습니다. 조명을 피해서 다시 찍어 주세요.",
        "Light is reflected; move away from the lamp and take the picture again.",
    ),
    Verdict.TOO_SMALL: (
        "해상도가 너무 낮습니다. 더 가까이에서, 원본 화질로 보내 주세요.",
        "The picture is too small; move closer and send it in original quality.",
    ),
    Verdict.WRONG_FORM: (
        "이 시험의 답안지가 아니거나 답안지를 찾을 수 없습니다.",
        "This is not the answer sheet of the exam, or there is no sheet in the picture.",
    ),
}
"""What to tell a teacher, in Korean and in English."""


@dataclass(frozen=True, slots=True)
class Quality:
    """`blur` 0 (blurred) to 1, `contrast` and `glare` 0-1, `cut` edges of the sheet missing."""

    blur: float
    contrast: float
    glare: float
    cut: tuple[str, ...]
    megapixels: float
    verdicts: tuple[Verdict, ...]


def assess(grey: Grey, found: Registration | None, template: Template) -> Quality:
    """Judge a uint8 picture, with the sheet's place in it where that was found."""
    small = _shrunk(grey)
    blur, contrast = _sharpness(small), _contrast(small)
    glare = float((small > 252).mean()) if contrast < 0.5 else 0.0
    cut = _cut(found, template, grey.shape) if found else ()
    return Quality(
        blur=round(blur, 3),
        contrast=round(contrast, 3),
        glare=round(min(1.0, glare), 3),
        cut=cut,
        megapixels=round(grey.size / 1e6, 2),
        verdicts=_verdicts(found, template, grey, blur, glare, cut),
    )


def _verdicts(
    found: Registration | None,
    template: Template,
    grey: Grey,
    blur: float,
    glare: float,
    cut: tuple[str, ...],
) -> tuple[Verdict, ...]:
    accepted = found is not None and found.accepted
    fits_at = max(grey.shape) / max(template.width, template.height)
    causes = {
        Verdict.CUT: bool(cut) and (not accepted or not found.visible.all() if found else False),
        Verdict.TOO_SMALL: fits_at < _SMALL,
        Verdict.BLURRED: not accepted and blur < _BLURRED,
        Verdict.GLARE: not accepted and glare > _GLARE,
    }
    told = tuple(verdict for verdict, holds in causes.items() if holds)
    return told if accepted or told else (Verdict.WRONG_FORM,)


def _shrunk(grey: Grey) -> Grey:
    scale = min(1.0, 1000 / max(grey.shape))
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _sharpness(small: Grey) -> float:
    """Steepest edges over the picture's own range: 1 for a scan, 0.2 for a shaken photo."""
    steps = np.abs(np.diff(small.astype(np.int16), axis=1))
    span = max(20.0, float(np.percentile(small, 95) - np.percentile(small, 2)))
    return float(min(1.0, 2.5 * np.percentile(steps, 99.5) / span))


def _contrast(small: Grey) -> float:
    return float((np.percentile(small, 95) - np.percentile(small, 1)) / 255.0)


def _cut(found: Registration, template: Template, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Edges of the sheet that lie outside the picture, as a reader of the sheet names them."""
    width, height = template.width, template.height
    edges = {
        "left": [[0, 0], [0, height]],
        "right": [[width, 0], [width, height]],
        "top": [[0, 0], [width, 0]],
        "bottom": [[0, height], [width, height]],
    }
    limit = np.array([shape[1], shape[0]])
    slack = 0.01 * max(shape[:2])
    missing = []
    for name, ends in edges.items():
        places = found.sheet_map(np.array(ends, dtype=np.float64))
        if ((places < -slack) | (places > limit + slack)).any(axis=1).all():
            missing.append(name)
    return tuple(missing)
