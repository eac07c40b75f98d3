"""From a decoded Pillow picture to BGR bytes, upright, in strips so that memory stays flat."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_STRIP = 64
"""Rows converted at once."""

_ORIENTATION = 0x0112
_TURNS: dict[int, tuple[int | None, int | None]] = {
    # Exif orientation: (mirror as cv2.flip takes it, rotation as cv2.rotate takes it)
    2: (1, None),
    3: (None, cv2.ROTATE_180),
    4: (0, None),
    5: (1, cv2.ROTATE_90_COUNTERCLOCKWISE),
    6: (None, cv2.ROTATE_90_CLOCKWISE),
    7: (1, cv2.ROTATE_90_CLOCKWISE),
    8: (None, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def to_bgr(picture: Any) -> NDArray[np.uint8]:
    """Return a Pillow picture as uint8, height x width x 3, BGR, turned by its Exif tag.

    Alpha and transparent colours are laid on white, 16-bit and float samples are scaled to
    8 bit, CMYK, palette and bilevel become RGB.
    """
    picture.load()
    width, height = picture.size
    convert = _converter(picture)
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _STRIP):
        bottom = min(top + _STRIP, height)
        pixels[top:bottom] = convert(picture.crop((0, top, width, bottom)))
    return upright(pixels, picture.getexif().get(_ORIENTATION, 1))


def upright(pixels: NDArray[np.uint8], orientation: object) -> NDArray[np.uint8]:
    """Undo a camera's turn; `orientation` is Exif tag 0x0112 (1-8), anything else turns nothing."""
    mirror, rotation = (
        _TURNS.get(orientation, (None, None)) if isinstance(orientation, int) else (None, None)
    )
    if mirror is not None:
        pixels = np.asarray(cv2.flip(pixels, mirror), np.uint8)
    if rotation is not None:
        pixels = np.asarray(cv2.rotate(pixels, rotation), np.uint8)
    return pixels


def _converter(picture: Any) -> Callable[[Any], NDArray[np.uint8]]:
    if picture.mode.startswith("I") or picture.mode == "F":
        return _grey_converter(_scale(picture))
    if "A" in picture.getbands() or "transparency" in picture.info:
        return _on_white
    return _plain


def _scale(picture: Any) -> float:
    """What one unit of a deep sample is in 8 bit: by the type, or by the largest value."""
    if picture.mode.startswith("I;16"):
        return 255 / 65535
    top = float(picture.getextrema()[1])
    for full in (1.0, 255.0, 65535.0) if picture.mode == "F" else (255.0, 65535.0):
        if top <= full:
            return 255 / full
    return 255 / top


def _grey_converter(scale: float) -> Callable[[Any], NDArray[np.uint8]]:
    def convert(strip: Any) -> NDArray[np.uint8]:
        values = np.nan_to_num(np.asarray(strip, np.float32) * np.float32(scale))
        grey = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)

    return convert


def _on_white(strip: Any) -> NDArray[np.uint8]:
    rgba = np.asarray(strip.convert("RGBA"))
    alpha = rgba[:, :, 3:].astype(np.uint16)
    laid = (rgba[:, :, 2::-1] * alpha + 255 * (255 - alpha) + 127) // 255
    return laid.astype(np.uint8)


def _plain(strip: Any) -> NDArray[np.uint8]:
    rgb = strip if strip.mode == "RGB" else strip.convert("RGB")
    # Pillow swaps the channels while it packs: half the time of an array turned round.
    return np.frombuffer(rgb.tobytes("raw", "BGR"), np.uint8).reshape(rgb.height, rgb.width, 3)
