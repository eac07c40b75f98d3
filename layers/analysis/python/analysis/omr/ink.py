"""What was added to the print: ink per bubble, relative to this sheet's paper and its labels.

Absolute darkness says little: light, pencil, printer and camera differ. Here each bubble is seen
against the paper around it, the printed outline and label are taken away by what most bubbles of
the same label look like on this very sheet, and marks are compared with this sheet's own marks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.registration import Registration
from analysis.omr.shrinking import shrunk
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Grey = NDArray[Any]
Samples = NDArray[np.float32]
Levels = NDArray[np.floating[Any]]

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

_LIGHT_RADIUS = 4.0
"""px of a bubble's radius in the picture that the light is measured on."""

_WIDEST_MARK = 2.0
"""Radii of the bubble; a dark area in which a disc of this radius finds room is shadow."""

_SHADOW = 0.92
"""Light over the light beside it below which a shadow's edge crosses a bubble."""

_COARSE = 4
"""Every so many samples suffice to tell whether a shadow's edge crosses a bubble."""

_DARKEST_SHADOW = 0.55
"""Light in a shadow over the light beside it."""

_PAPER_PERCENTILE = 85
_NEIGHBOURS = 9
_PRINT_PERCENTILE = 35
"""Among patches of one label, few are marked: a low percentile of darkness is the print."""

_LEAST_SAME_LABEL = 4
"""Patches of a label needed to tell its print; else all patches of the sheet stand in."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Per bubble, each (n,) floats, 0 for print alone; `rim` and `around` are (n, SECTORS).

    `area` mean ink in the disc, 0-1; `middle` its median; `dark` its 95th percentile; `rim`
    and `around` mean ink just outside the outline (1.12-1.6 radii) and beyond (1.4-1.85), by
    direction. `tint` is the disc's mean darkness over that of its label's print, signed: camera
    noise, which hides a pale filling from the others, averages out of it.
    """

    area: Levels
    middle: Levels
    dark: Levels
    rim: Levels
    around: Levels
    tint: Levels


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Where the bubbles of a sheet are sampled, the light there, and each bubble's nearest."""

    template: Template
    places: Samples
    radius: float
    light: Samples
    near: NDArray[np.intp]

    @classmethod
    def of(cls, red: Grey, found: Registration, template: Template) -> "Probe":
        """Lay patches on the sheet; the light is read off `red`, a uint8 channel."""
        places, radius = _sample_places(found, template)
        light = _lighting(red, radius, places)
        return cls(template, places, radius, light, _nearest(template.centers))

    def ink(self, channel: Grey) -> Ink:
        """Measure a uint8 picture of one channel."""
        signed = self._darkness(channel)
        ink = self._added(signed)
        disc = _radius_grid() <= _DISC
        inside, tint = ink[:, disc], signed[:, disc].mean(axis=1)
        middle, dark = np.percentile(inside, [50, 95], axis=1)
        return Ink(
            area=inside.mean(axis=1),
            middle=middle,
            dark=dark,
            rim=_by_direction(ink, *_RIM),
            around=_by_direction(ink, *_BEYOND),
            tint=tint - _of_label(tint, self.template, _low),
        )

    def area(self, channel: Grey) -> Levels:
        """Mean ink in the disc (n,) of another channel of the same picture."""
        added = self._added(self._darkness(channel))
        return np.asarray(added[:, _radius_grid() <= _DISC].mean(axis=1))

    def _darkness(self, channel: Grey) -> Samples:
        """Darkness (n, PATCH, PATCH) against the lit paper, below 0 where brighter."""
        flat = _sampled(_antialiased(channel, self.radius), self.places) / self.light
        paper = _paper(flat, self.near).astype(np.float32)
        return np.asarray(1.0 - flat / paper[:, None, None], np.float32)

    def _added(self, signed: Samples) -> Samples:
        """Ink (n, PATCH, PATCH), 0-1, over what the label's print has."""
        darkness = np.clip(signed, 0.0, 1.0)
        printed = _of_label(darkness, self.template, _widened_print)
        return np.asarray(
            np.clip((darkness - printed) / np.maximum(0.15, 1.0 - printed), 0.0, 1.0), np.float32
        )


def _by_direction(ink: Samples, inner: float, outer: float) -> Levels:
    """Mean ink between two radii in each of SECTORS directions."""
    steps = np.linspace(-REACH, REACH, PATCH)
    radius, angle = _radius_grid(), np.arctan2(steps[:, None], steps[None, :])
    sector = ((angle + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    ring = (radius >= inner) & (radius <= outer)
    return np.stack([ink[:, ring & (sector == s)].mean(axis=1) for s in range(SECTORS)], axis=1)


def _sample_places(found: Registration, template: Template) -> tuple[Samples, float]:
    """Where to sample: (n, PATCH, PATCH, 2) px in the sheet's own axes; mean radius in px."""
    centers, radii = template.centers, template.radii
    origin = found.sheet_map(centers)
    along = (found.sheet_map(centers + radii * [1.0, 0.0]) - origin).astype(np.float32)
    down = (found.sheet_map(centers + radii * [0.0, 1.0]) - origin).astype(np.float32)
    steps = np.linspace(-REACH, REACH, PATCH, dtype=np.float32)
    places = (
        found.places.astype(np.float32)[:, None, None]
        + steps[None, None, :, None] * along[:, None, None]
        + steps[None, :, None, None] * down[:, None, None]
    )
    return places, float(np.hypot(*along.T).mean())


def _sampled(channel: Grey, places: Samples) -> Samples:
    flat = places.reshape(-1, places.shape[2], 2)
    sampled = cv2.remap(
        channel, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(sampled.reshape(places.shape[:3]), np.float32)


def _lighting(channel: Grey, radius: float, places: Samples) -> Samples:
    """Light on each sample over the light around: a shadow's edge may cross a bubble.

    A closing wider than any mark keeps what is dark over a large area, and that is shadow. What
    is darker than any shadow left by a hand or phone is ink all the same.
    """
    step = max(1, round(radius / _LIGHT_RADIUS))
    small = shrunk(channel, step)
    side = 2 * round(_WIDEST_MARK * radius / step) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), (3, 3))
    lit = np.ones(places.shape[:3], np.float32)
    coarse = _light(closed, places[:, ::_COARSE, ::_COARSE] / np.float32(step))
    shadowed = coarse.min(axis=(1, 2)) < _SHADOW
    if shadowed.any():
        lit[shadowed] = _light(closed, places[shadowed] / np.float32(step))
    return lit


def _light(closed: Grey, places: Samples) -> Samples:
    seen = _sampled(closed, places)
    level = np.percentile(seen.reshape(len(seen), -1), 90, axis=1)[:, None, None]
    return np.maximum(_DARKEST_SHADOW, seen / np.maximum(20.0, level)).astype(np.float32)


def _antialiased(channel: Grey, radius: float) -> Grey:
    """Smooth a picture whose bubbles are larger than the patch, so that samples are means."""
    apart = radius / (PATCH / (2 * REACH))
    if apart < 1.33:
        return channel
    side = 2 * round(apart / 2) + 1
    return cv2.blur(np.ascontiguousarray(channel), (side, side))


def _nearest(centers: Floats) -> NDArray[np.intp]:
    """Each bubble's nearest, itself included: (n, _NEIGHBOURS)."""
    offset = centers[:, None] - centers[None]
    return np.argsort((offset**2).sum(axis=2), axis=1)[:, :_NEIGHBOURS]


def _paper(patches: Samples, near: NDArray[np.intp]) -> Levels:
    """Paper level around each bubble: bright pixels of it and of its neighbours."""
    sparse = patches[:, ::2, ::2].reshape(len(patches), -1)
    own = np.percentile(sparse, _PAPER_PERCENTILE, axis=1)
    return np.maximum(20.0, np.median(own[near], axis=1))


def _of_label(
    darkness: Samples, template: Template, typical: Callable[[Samples], Samples]
) -> Samples:
    """What is `typical` of the bubbles (n, ...) of the same label on this sheet, for each."""
    labels = np.array(template.labels)
    printed = np.empty_like(darkness)
    everyone = typical(darkness)
    for label in np.unique(labels):
        same = labels == label
        printed[same] = typical(darkness[same]) if same.sum() >= _LEAST_SAME_LABEL else everyone
    return printed


def _widened_print(darkness: Samples) -> Samples:
    """The print of patches (n, PATCH, PATCH), a sample wider for what the fit is off by."""
    return np.asarray(cv2.dilate(_low(darkness), np.ones((3, 3))))


def _low(darkness: Samples) -> Samples:
    """The low percentile over bubbles (n, ...)."""
    rank = len(darkness) * _PRINT_PERCENTILE // 100
    return np.asarray(np.partition(darkness, rank, axis=0)[rank])


def _radius_grid() -> Floats:
    steps = np.linspace(-REACH, REACH, PATCH)
    return np.asarray(np.hypot(steps[None, :], steps[:, None]))
