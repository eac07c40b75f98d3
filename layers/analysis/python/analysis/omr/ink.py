"""What was added to the print: ink per bubble, relative to this sheet's paper and its labels.

Absolute darkness says little: light, pencil, printer and camera differ. Here each bubble is seen
against the paper around it, the printed outline and label are taken away by what most bubbles of
the same label look like on this very sheet, and marks are compared with this sheet's own marks.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.registration import Registration
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Grey = NDArray[Any]

PATCH = 35
"""Samples a side of a bubble's patch."""

REACH = 1.9
"""Radii from the centre to the patch's edge."""

SECTORS = 16
"""Directions in which ink around a bubble is told apart: arms of a cross, a ring, a frame."""

_DISC = 0.92
_RIM, _BEYOND = (1.12, 1.6), (1.4, 1.85)
"""Radii: the inside of the outline; where a ring around a bubble runs; and where only the arms
of a cross reach, as a hasty filling stays within 1.3."""

_PAPER_PERCENTILE = 85
_NEIGHBOURS = 9
_PRINT_PERCENTILE = 35
"""Among patches of one label, few are marked: a low percentile of darkness is the print."""

_LEAST_SAME_LABEL = 4
"""Patches of a label needed to tell its print; else all patches of the sheet stand in."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Per bubble, each (n,) float64, 0 for print alone; `rim` and `around` are (n, SECTORS).

    `area` mean ink in the disc, 0-1; `middle` its median; `dark` its 95th percentile; `rim`
    and `around` mean ink just outside the outline (1.12-1.6 radii) and beyond (1.4-1.85), by
    direction.
    """

    area: Floats
    middle: Floats
    dark: Floats
    rim: Floats
    around: Floats
    paper: Floats


def measure(channel: Grey, found: Registration, template: Template) -> Ink:
    """Measure a uint8 picture of one channel."""
    patches = _patches(channel, found, template)
    paper = _paper(patches, template)
    darkness = np.clip(1.0 - patches / paper[:, None, None], 0.0, 1.0)
    printed = _printed(darkness, template)
    ink = np.clip((darkness - printed) / np.maximum(0.15, 1.0 - printed), 0.0, 1.0)
    inside = ink[:, _radius_grid() <= _DISC]
    return Ink(
        area=inside.mean(axis=1),
        middle=np.median(inside, axis=1),
        dark=np.percentile(inside, 95, axis=1),
        rim=_by_direction(ink, *_RIM),
        around=_by_direction(ink, *_BEYOND),
        paper=paper,
    )


def _by_direction(ink: Floats, inner: float, outer: float) -> Floats:
    """Mean ink between two radii in each of SECTORS directions."""
    steps = np.linspace(-REACH, REACH, PATCH)
    radius, angle = _radius_grid(), np.arctan2(steps[:, None], steps[None, :])
    sector = ((angle + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    ring = (radius >= inner) & (radius <= outer)
    return np.stack([ink[:, ring & (sector == s)].mean(axis=1) for s in range(SECTORS)], axis=1)


def _patches(channel: Grey, found: Registration, template: Template) -> Floats:
    """Sample (n, PATCH, PATCH) around each bubble, in the sheet's own axes."""
    centers, radii = template.centers, template.radii
    origin = found.sheet_map(centers)
    along = found.sheet_map(centers + radii * [1.0, 0.0]) - origin
    down = found.sheet_map(centers + radii * [0.0, 1.0]) - origin
    steps = np.linspace(-REACH, REACH, PATCH)
    places = (
        found.places[:, None, None]
        + steps[None, None, :, None] * along[:, None, None]
        + steps[None, :, None, None] * down[:, None, None]
    ).astype(np.float32)
    sharp = _antialiased(channel, float(np.hypot(*along.T).mean()))
    scale = sharp.shape[1] / channel.shape[1]
    flat = (places * scale + (scale - 1) / 2).reshape(-1, PATCH, 2)
    sampled = cv2.remap(
        sharp, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return sampled.reshape(len(centers), PATCH, PATCH).astype(np.float64)


def _antialiased(channel: Grey, radius: float) -> Grey:
    """Shrink a picture whose bubbles are larger than the patch, so that samples are means."""
    scale = (PATCH / (2 * REACH)) / radius
    if scale > 0.75:
        return channel
    return cv2.resize(channel, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _paper(patches: Floats, template: Template) -> Floats:
    """Paper level around each bubble: bright pixels of it and of its neighbours."""
    own = np.percentile(patches.reshape(len(patches), -1), _PAPER_PERCENTILE, axis=1)
    offset = template.centers[:, None] - template.centers[None]
    distance = np.hypot(offset[..., 0], offset[..., 1])
    near = np.argsort(distance, axis=1)[:, :_NEIGHBOURS]
    return np.maximum(20.0, np.median(own[near], axis=1))


def _printed(darkness: Floats, template: Template) -> Floats:
    """What the print of each bubble's label looks like on this sheet, a little widened."""
    labels = np.array(template.labels)
    printed = np.empty_like(darkness)
    everyone = np.percentile(darkness, _PRINT_PERCENTILE, axis=0)
    for label in np.unique(labels):
        same = labels == label
        typical = (
            np.percentile(darkness[same], _PRINT_PERCENTILE, axis=0)
            if same.sum() >= _LEAST_SAME_LABEL
            else everyone
        )
        printed[same] = cv2.dilate(typical, np.ones((3, 3)))
    return printed


def _radius_grid() -> Floats:
    steps = np.linspace(-REACH, REACH, PATCH)
    return np.asarray(np.hypot(steps[None, :], steps[:, None]))
