"""The pictures a teacher checks: the whole sheet with every decision, and a crop per doubt."""

import cv2
import numpy as np

from analysis.image import Image, encode_jpeg
from analysis.omr.decision import Decision, Status
from analysis.omr.mapping import Floats, SheetMap
from analysis.omr.marks import Mark
from analysis.omr.reader import Sheet
from analysis.omr.template import Choice, Template

MAX_BYTES = 350_000
WIDTH = 1754
"""px of the audit picture's long side: A4 at 150 dpi."""

_GREEN, _ORANGE, _RED, _GREY = (60, 160, 40), (0, 130, 255), (40, 40, 220), (170, 170, 170)
_SEEN = 0.05
"""Mean ink from which what an eraser left is drawn as cancelled."""

_CROP_MM = 3.0
"""mm of paper shown around a row."""


def audit_picture(image: Image, sheet: Sheet, template: Template) -> bytes:
    """Draw the sheet flat with its decisions; JPEG of at most 350 kB.

    Green ring: accepted. Orange: for review. Red cross: taken as cancelled. Grey: blank.
    """
    assert sheet.registration is not None  # noqa: S101 - callers draw accepted sheets only
    scale = WIDTH / max(template.width, template.height)
    flat = rectified(image, sheet.registration.sheet_map, template, scale)
    found = sheet.registration
    spots = np.hstack([found.sheet_map.inverse(found.places), template.radii]) * scale
    for question, decision in zip(template.questions, sheet.answers, strict=True):
        _draw_row(flat, question.choices, decision, spots)
    if sheet.identifier is not None:
        for digit, decision in zip(template.digits, sheet.identifier.digits, strict=True):
            _draw_row(flat, digit.choices, decision, spots)
        _caption(flat, f"{sheet.identifier.raw}  {sheet.registration.matched:.0%}")
    return _within(flat)


def crop(
    image: Image, choices: tuple[Choice, ...], sheet_map: SheetMap, template: Template
) -> bytes:
    """Cut one row out of the picture, level, as a JPEG of some 10 kB."""
    index = [choice.index for choice in choices]
    low = (template.centers[index] - template.radii[index]).min(axis=0) - _CROP_MM
    high = (template.centers[index] + template.radii[index]).max(axis=0) + _CROP_MM
    scale = min(10.0, 640 / (high - low).max())
    return encode_jpeg(_sampled(image, sheet_map, low, high, scale), 70)


def crop_box(
    choices: tuple[Choice, ...], sheet_map: SheetMap, template: Template
) -> tuple[int, int, int, int]:
    """The upright box (x, y, w, h) in px around a row in the picture as sent."""
    index = [choice.index for choice in choices]
    places = sheet_map(template.centers[index])
    reach = 1.6 * float(template.radii[index].max()) * sheet_map.pixels_per_mm()
    low = np.maximum(0, places.min(axis=0) - reach)
    high = places.max(axis=0) + reach
    x, y = low.round().astype(int)
    w, h = (high - low).round().astype(int)
    return int(x), int(y), int(w), int(h)


def rectified(image: Image, sheet_map: SheetMap, template: Template, scale: float) -> Image:
    """The sheet as printed, `scale` px a mm, straight from the picture's own pixels."""
    return _sampled(
        image, sheet_map, np.zeros(2), np.array([template.width, template.height]), scale
    )


def _sampled(image: Image, sheet_map: SheetMap, low: Floats, high: Floats, scale: float) -> Image:
    width, height = np.ceil((high - low) * scale).astype(int)
    step = 8
    xs = low[0] + (np.arange(0, width + step, step) + 0.5) / scale
    ys = low[1] + (np.arange(0, height + step, step) + 0.5) / scale
    grid = np.stack(np.meshgrid(xs, ys), axis=-1)
    places = sheet_map(grid.reshape(-1, 2)).reshape(grid.shape).astype(np.float32)
    size = (len(xs) * step, len(ys) * step)
    dense = np.asarray(
        cv2.warpAffine(
            places,
            np.array([[step, 0, 0], [0, step, 0]], dtype=np.float32),
            size,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )[:height, :width]
    flat = cv2.remap(
        image,
        dense[..., 0],
        dense[..., 1],
        cv2.INTER_AREA,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    return np.asarray(flat, np.uint8)


def _draw_row(flat: Image, choices: tuple[Choice, ...], decision: Decision, spots: Floats) -> None:
    """Draw one row; `spots` (n, 4) are centre and radii of every bubble in px of `flat`."""
    sure = decision.status in (Status.OK, Status.BLANK)
    for choice, bubble in zip(choices, decision.bubbles, strict=True):
        x, y, *radii = spots[choice.index].round()
        center, radius = (int(x), int(y)), int(max(radii) * 1.25)
        rest = bubble.mark is Mark.ERASED and bubble.ink >= _SEEN
        if bubble.mark is Mark.CROSSED or rest:
            half = radius // 2
            for sign in (1, -1):
                start = (center[0] - half, center[1] - sign * half)
                end = (center[0] + half, center[1] + sign * half)
                cv2.line(flat, start, end, _RED, 2, cv2.LINE_AA)
        elif choice.label in decision.detected:
            cv2.circle(flat, center, radius, _GREEN if sure else _ORANGE, 3, cv2.LINE_AA)
        else:
            cv2.circle(flat, center, radius, _GREY if sure else _ORANGE, 1, cv2.LINE_AA)


def _caption(flat: Image, text: str) -> None:
    cv2.rectangle(flat, (0, 0), (430, 40), (255, 255, 255), -1)
    cv2.putText(flat, text, (10, 29), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2, cv2.LINE_AA)


def _within(flat: Image) -> bytes:
    for quality in (80, 70, 60, 50, 40, 30, 20):
        data = encode_jpeg(flat, quality)
        if len(data) <= MAX_BYTES:
            return data
    half = cv2.resize(flat, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return encode_jpeg(np.asarray(half, np.uint8), 40)
