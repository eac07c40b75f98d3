"""A question's crop made fit for print: white paper, no more pixels than a printer shows."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image, encode_jpeg
from analysis.wrong_note.types import Picture

PRINT_DPI = 150
"""dots per inch on paper; text of a page crop stays crisp, 40 crops stay under 5 MB."""

CROP_DPI = 200
"""dots per inch a crop is taken to have: that of the pages segmentation answers for PDFs."""

MIN_WIDTH, MAX_WIDTH, MAX_HEIGHT = 60.0, 166.0, 165.0
"""mm on paper: narrower is hard to read, wider or higher leaves no page to write on."""

_PAPER = (130.0, 250.0)
"""Brightness of a crop's 95th percentile within which it is taken for photographed paper."""

_EVERY, _COLOUR, _COLOURED = 7, 60.0, 0.0005
"""px between samples, spread of channels (0-255) of a colour, share of samples that make one."""


def printable(crop: Image) -> Picture:
    """Make a crop (BGR) ready to be printed in a note."""
    height, width = crop.shape[:2]
    mm = min(max(width / CROP_DPI * 25.4, MIN_WIDTH), MAX_WIDTH, MAX_HEIGHT * width / height)
    crop = greyed(crop)
    pixels = min(width, max(1, round(mm / 25.4 * PRINT_DPI)))
    if pixels < width:
        size = (pixels, max(1, round(height * pixels / width)))
        smaller = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
        crop = np.asarray(smaller, np.uint8).reshape(size[1], size[0], -1)
    return Picture(encode_jpeg(whitened(crop), 80), crop.shape[1], crop.shape[0], mm)


def greyed(crop: Image) -> Image:
    """Drop the channels of a picture (BGR) without colours: a third of the work and of the file.

    Yellowish paper is no colour; a stroke of blue or red pen is. Returns (h, w, 1) or the crop.
    """
    sample = crop[::_EVERY, ::_EVERY].reshape(-1, crop.shape[-1]).T.astype(np.float32)
    paper = np.maximum(_brightest(sample), 1.0)
    levels = np.minimum(sample * (255.0 / paper)[:, None], 255.0)
    coloured = levels.max(axis=0) - levels.min(axis=0) > _COLOUR
    if coloured.mean() > _COLOURED:
        return crop
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.uint8)[:, :, None]


def _brightest(channels: NDArray[Any]) -> NDArray[Any]:
    """95th percentile of each channel (c, n)."""
    place = int(0.95 * (channels.shape[1] - 1))
    return np.partition(channels, place, axis=1)[:, place]


def whitened(crop: Image) -> Image:
    """Turn greyish or yellowish paper white, so that no grey sheet is printed; (h, w, 1 or 3).

    Each channel is scaled by its 95th percentile; a dark picture or a white one stays as it is.
    """
    paper = _brightest(crop.reshape(-1, crop.shape[-1])[::23].T)
    if not (_PAPER[0] <= paper.min() and paper.min() <= _PAPER[1]):
        return crop
    levels = np.clip(np.arange(256)[:, None] * (255.0 / paper), 0, 255).round().astype(np.uint8)
    return np.asarray(cv2.LUT(crop, levels[None]), np.uint8).reshape(crop.shape)
