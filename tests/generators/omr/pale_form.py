"""A form of another maker: pale ovals, no markers, its template measured by hand."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SCALE = 8.0
"""px a mm."""

_PITCH, _ROW, _RADIUS = 7.0, 5.5, 1.6


@dataclass(frozen=True, slots=True)
class PaleSheet:
    """`image` BGR, `meta` as a teacher would measure it, `answers` by question id."""

    image: NDArray[np.uint8]
    meta: dict[str, Any]
    answers: dict[int, list[str]]


def pale_sheet(seed: int, *, columns: int = 3, rows: int = 20, off_mm: float = 0.9) -> PaleSheet:
    """Draw and fill a form whose template lies up to `off_mm` off, each column by its own."""
    rng = np.random.default_rng(seed)
    page = np.full((round(280 * SCALE), round(210 * SCALE)), 246, np.uint8)
    questions, answers = [], {}
    for column in range(columns):
        slips = rng.uniform(-off_mm, off_mm, (4, 2))
        for row in range(rows):
            number = column * rows + row + 1
            start = np.array([30.0 + 55.0 * column, 60.0 + _ROW * row])
            _write(page, str(number), start - [9.0, -1.0], 120)
            spots = [start + [_PITCH * k, 0.0] for k in range(4)]
            meant = int(rng.integers(-1, 4))
            for spot in spots:
                _oval(page, spot, 214, thickness=2)
            if meant >= 0:
                _fill(page, spots[meant], rng)
            answers[number] = ["ABCD"[meant]] if meant >= 0 else []
            questions.append(
                {
                    "question_id": number,
                    "choices": [
                        {
                            "label": "ABCD"[k],
                            "center": {"x": float(at[0]), "y": float(at[1])},
                            "r": 1.3,
                        }
                        for k, at in enumerate(np.array(spots) + slips)
                    ],
                }
            )
    noisy = cv2.GaussianBlur(page, (0, 0), 1.6) + rng.normal(0, 1.5, page.shape)
    grey = noisy.clip(0, 255).astype(np.uint8)
    meta = {"units": "mm", "page": {"size": {"width": 210.0, "height": 280.0}}}
    return PaleSheet(
        cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), meta | {"questions": questions}, answers
    )


def _px(place: NDArray[np.float64]) -> tuple[int, int]:
    x, y = (place * SCALE).round().astype(int)
    return int(x), int(y)


def _oval(page: NDArray[np.uint8], place: NDArray[np.float64], grey: int, thickness: int) -> None:
    axes = (round(_RADIUS * SCALE), round(0.9 * _RADIUS * SCALE))
    cv2.ellipse(page, _px(place), axes, 0, 0, 360, float(grey), thickness, cv2.LINE_AA)


def _fill(page: NDArray[np.uint8], place: NDArray[np.float64], rng: np.random.Generator) -> None:
    _oval(page, place + rng.normal(0, 0.15, 2), int(rng.integers(40, 90)), thickness=-1)


def _write(page: NDArray[np.uint8], text: str, place: NDArray[np.float64], grey: int) -> None:
    cv2.putText(page, text, _px(place), cv2.FONT_HERSHEY_SIMPLEX, 0.7, float(grey), 2, cv2.LINE_AA)
