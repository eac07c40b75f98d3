"""Each bubble of a sheet as a small upright patch, sampled straight from the picture."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.registration import Registration
from analysis.omr.row_percentiles import percentiles
from analysis.omr.shrinking import shrunk
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Grey = NDArray[Any]
Samples = NDArray[np.float32]

PATCH = 35
"""Samples a side of a bubble's patch."""

REACH = 1.9
"""Radii from the centre to the patch's edge."""

DISC = 0.92
"""Radii of the inside of the outline."""

_MARGIN = 4.0
"""Radii around the samples that light and smoothing look at."""

_LIGHT_RADIUS = 4.0
"""px of a bubble's radius in the picture that the light is measured on."""

_WIDEST_MARK = 2.0
"""Radii of the bubble; a dark area in which a disc of this radius finds room is shadow."""

_SHADOW = 0.92
"""Light over the light beside it below which a shadow's edge crosses a bubble."""

_COARSE = 4
"""Every so many samples suffice to tell whether a shadow's edge crosses a bubble."""

DARKEST_SHADOW = 0.55
"""Light in a shadow over the light beside it."""


def radius_grid() -> Floats:
    """Radii (PATCH, PATCH) of a patch's samples from the bubble's centre."""
    steps = np.linspace(-REACH, REACH, PATCH)
    return np.asarray(np.hypot(steps[None, :], steps[:, None]))


_REACHED = int(np.flatnonzero((radius_grid() <= DISC).any(axis=0))[0]) - 1
CORE = np.s_[:, _REACHED : PATCH - _REACHED, _REACHED : PATCH - _REACHED]
"""The part of patches (n, PATCH, PATCH) that holds the disc and one sample around it."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Samples of every bubble: `x` and `y` (n, PATCH, PATCH) px within the `part` of a picture
    that has them all; `radius` of a bubble in px, the mean."""

    x: Samples
    y: Samples
    radius: float
    part: tuple[slice, slice]

    @classmethod
    def of(cls, found: Registration, template: Template, shape: tuple[int, ...]) -> "Places":
        """Lay patches along the sheet's own axes in a picture of `shape`."""
        centers, radii = template.centers, template.radii
        origin = found.sheet_map(centers)
        along = found.sheet_map(centers + radii * [1.0, 0.0]) - origin
        down = found.sheet_map(centers + radii * [0.0, 1.0]) - origin
        radius = float(np.hypot(along[:, 0], along[:, 1]).mean())
        edges = found.places[:, None] + REACH * np.stack(
            [along + down, along - down, down - along, -along - down], axis=1
        )
        low = np.floor(edges.min(axis=(0, 1)) - _MARGIN * radius)
        high = np.ceil(edges.max(axis=(0, 1)) + _MARGIN * radius)
        limit = np.array([shape[1], shape[0]], np.float64)
        left, top = low.clip(0, limit - 1).astype(int)
        right, bottom = high.clip([left + 1, top + 1], limit).astype(int)
        steps = np.linspace(-REACH, REACH, PATCH, dtype=np.float32)

        def spread(axis: int, start: int) -> Samples:
            middle = (found.places[:, axis] - start).astype(np.float32)
            side, fall = along[:, axis].astype(np.float32), down[:, axis].astype(np.float32)
            rows = middle[:, None] + fall[:, None] * steps
            return np.asarray(rows[:, :, None] + (side[:, None] * steps)[:, None, :])

        part = (slice(top, bottom), slice(left, right))
        return cls(spread(0, left), spread(1, top), radius, part)

    def sampled(self, channel: Grey, which: Any = np.s_[:]) -> Samples:
        """Sample a uint8 channel of `part`, or all of them, where `which` says: (n, ...) floats."""
        return _sampled(channel, self.x[which], self.y[which])

    def smoothed(self, channel: Grey) -> Grey:
        """Smooth a channel whose bubbles are larger than the patch, so that samples are means."""
        apart = self.radius / (PATCH / (2 * REACH))
        if apart < 1.33:
            return channel
        side = 2 * round(apart / 2) + 1
        return np.asarray(cv2.blur(channel, (side, side)))

    def light(self, channel: Grey) -> tuple[Samples, Samples]:
        """Light on each sample of a uint8 channel of `part` over the light around its bubble, and
        the light around (n,), as grey levels.

        A shadow's edge may cross a bubble. A closing wider than any mark keeps what is dark over
        a large area, and that is shadow. What is darker than any shadow left by a hand or phone
        is ink all the same.
        """
        step = max(1, round(self.radius / _LIGHT_RADIUS))
        small = shrunk(channel, step)
        side = 2 * round(_WIDEST_MARK * self.radius / step) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        closed = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), (3, 3))
        x, y = self.x / np.float32(step), self.y / np.float32(step)
        lit = np.ones(self.x.shape, np.float32)
        coarse, around = _light(closed, x[:, ::_COARSE, ::_COARSE], y[:, ::_COARSE, ::_COARSE])
        shadowed = coarse.min(axis=(1, 2)) < _SHADOW
        if shadowed.any():
            lit[shadowed], around[shadowed] = _light(closed, x[shadowed], y[shadowed])
        return lit, around


def _sampled(channel: Grey, x: Samples, y: Samples) -> Samples:
    flat = (-1, x.shape[-1])
    sampled = cv2.remap(
        channel,
        x.reshape(flat),
        y.reshape(flat),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(sampled.reshape(x.shape + channel.shape[2:]), np.float32)


def _light(closed: Grey, x: Samples, y: Samples) -> tuple[Samples, Samples]:
    seen = _sampled(closed, x, y)
    (level,) = percentiles(seen.reshape(len(seen), -1), 90)
    level = np.maximum(20.0, level)
    lit = np.maximum(DARKEST_SHADOW, seen / level[:, None, None])
    return lit.astype(np.float32), level.astype(np.float32)
