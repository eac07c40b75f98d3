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

from analysis.omr.mapping import SheetMap
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Grey = NDArray[Any]

PATCH = 35
"""Samples a side of a bubble's patch."""

REACH = 1.9
"""Radii from the centre to the patch's edge."""

_PAPER_PERCENTILE = 85
_NEIGHBOURS = 9
_PRINT_PERCENTILE = 35
"""Among patches of one label, few are marked: a low percentile of darkness is the print."""

_LEAST_SAME_LABEL = 4
"""Patches of a label needed to tell its print; else all patches of the sheet stand in."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Per bubble, each (n,) float64, 0 for print alone.

    `area` mean ink in the disc, 0-1; `dark` the 95th percentile of ink in it; `ring` mean ink
    outside the outline, 1.2-1.75 radii; `spread` the share of the disc that is inked; `noise` the
    sheet's own blank level of `area`.
    """

    area: Floats
    dark: Floats
    ring: Floats
    spread: Floats
    paper: Floats
    noise: float


def measure(channel: Grey, sheet_map: SheetMap, template: Template) -> Ink:
    """Measure a uint8 picture of one channel."""
    patches = _patches(channel, sheet_map, template)
    paper = _paper(patches, template)
    darkness = np.clip(1.0 - patches / paper[:, None, None], 0.0, 1.0)
    printed = _printed(darkness, template)
    ink = np.clip((darkness - printed) / np.maximum(0.15, 1.0 - printed), 0.0, 1.0)
    radius = _radius_grid()
    disc, ring = radius <= 0.92, (radius >= 1.2) & (radius <= 1.75)
    inside = ink[:, disc]
    area = inside.mean(axis=1)
    return Ink(
        area=area,
        dark=np.percentile(inside, 95, axis=1),
        ring=np.asarray(ink[:, ring].mean(axis=1)),
        spread=(inside > 0.15).mean(axis=1),
        paper=paper,
        noise=float(np.percentile(area, 40)),
    )


def _patches(channel: Grey, sheet_map: SheetMap, template: Template) -> Floats:
    """Sample (n, PATCH, PATCH) around each bubble, in the sheet's own axes."""
    centers, radii = template.centers, template.radii
    origin = sheet_map(centers)
    along = sheet_map(centers + radii * [1.0, 0.0]) - origin
    down = sheet_map(centers + radii * [0.0, 1.0]) - origin
    steps = np.linspace(-REACH, REACH, PATCH)
    places = (
        origin[:, None, None]
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
