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
Telling = list[tuple[NDArray[np.intp], NDArray[np.intp], int]]
"""Per label its bubbles, those that show its print, and at which percentile of their darkness."""

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

_EMPTY = 0.04
"""Mean ink of a row's most inked bubble below which the row counts as empty."""

_LEAST_EMPTY, _EMPTY_SHARE = 3, 0.15
"""Empty rows that call for a closer look at what shows the print."""

_MARKED = 0.03
"""Mean darkness of a disc over the second lightest of its label that print alone does not explain:
where the print would be taken from such patches, most rows have this choice marked. Of 900 unmarked
labels rendered as scans and photos 98 % stay below; where one does not, its lighter half serves."""

_LEAST_UNMARKED = 3
"""Patches that must stay below `_MARKED` to be taken for print; two may be two ticks."""

_DARKER_LABEL = 0.018, 4.0
"""Of a label's lighter discs over those of other labels: at least, and over the median deviation
of labels, where nearly every row has the choice marked. Print alone reached 0.013 on scans."""

_RESTLESS = 1.7
"""Spread among a label's lighter patches over other labels' spread: ticks, which no two rows have
alike. Print alone reaches 1.4 on scans, 2.3 on hard photos; ticks start at 1.9."""


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
        disc = _radius_grid() <= _DISC
        tint = signed[:, disc].mean(axis=1)
        telling, ink = _told(signed, self.template)
        inside = ink[:, disc]
        middle, dark = np.percentile(inside, [50, 95], axis=1)
        return Ink(
            area=inside.mean(axis=1),
            middle=middle,
            dark=dark,
            rim=_by_direction(ink, *_RIM),
            around=_by_direction(ink, *_BEYOND),
            tint=tint - _of_label(tint, telling, _low),
        )

    def area(self, channel: Grey) -> Levels:
        """Mean ink in the disc (n,) of another channel of the same picture."""
        _, added = _told(self._darkness(channel), self.template)
        return np.asarray(added[:, _radius_grid() <= _DISC].mean(axis=1))

    def _darkness(self, channel: Grey) -> Samples:
        """Darkness (n, PATCH, PATCH) against the lit paper, below 0 where brighter."""
        flat = _sampled(_antialiased(channel, self.radius), self.places) / self.light
        paper = _paper(flat, self.near).astype(np.float32)
        return np.asarray(1.0 - flat / paper[:, None, None], np.float32)


def _told(signed: Samples, template: Template) -> tuple[Telling, Samples]:
    """What shows the print of each label, and the ink over it.

    The bubbles of a label do, unless that leaves so many rows empty that one may have been filled
    from top to bottom.
    """
    disc = _radius_grid() <= _DISC
    telling = _usual(template)
    ink = _added(signed, telling)
    area = ink[:, disc].mean(axis=1)
    for rows in (template.questions, template.digits):
        empty = sum(
            bool(area[[choice.index for choice in row.choices]].max() < _EMPTY) for row in rows
        )
        if empty >= max(_LEAST_EMPTY, _EMPTY_SHARE * len(rows)):
            telling = _telling(signed[:, disc], template)
            return telling, _added(signed, telling)
    return telling, ink


def _usual(template: Template) -> Telling:
    labels = np.array(template.labels)
    everywhere = np.arange(len(labels))
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return [
        (same, same if len(same) >= _LEAST_SAME_LABEL else everywhere, _PRINT_PERCENTILE)
        for same in rows
    ]


def _added(signed: Samples, telling: Telling) -> Samples:
    """Ink (n, PATCH, PATCH), 0-1, over what the label's print has."""
    darkness = np.clip(signed, 0.0, 1.0)
    printed = _of_label(darkness, telling, _widened_print)
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


def _telling(discs: Samples, template: Template) -> Telling:
    """Which bubbles show the print of each label, by the darkness (n, samples) in their discs.

    A guesser marks one column from top to bottom: what most bubbles of a label have in common is
    then the pen. The lightest of them, what even these differ in, or other labels show the print.
    The very lightest is left out: rubbing a mark out takes print with it.
    """
    labels = np.array(template.labels)
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    tint = discs.mean(axis=1)
    lighter = [
        same[np.argsort(tint[same])][min(1, len(same) - 1) : 1 + max(2, len(same) // 2)]
        for same in rows
    ]
    lightest = np.array([tint[half[0]] for half in lighter])
    lower = np.array([tint[half[len(half) // 3]] for half in lighter])
    spread = np.array([np.percentile(discs[half].std(axis=0), 90) for half in lighter])
    least, deviations = _DARKER_LABEL
    usual = np.median(lower)
    darkest = usual + max(least, deviations * float(np.median(np.abs(lower - usual))))
    restless = _RESTLESS * np.percentile(spread, 25)
    everywhere = np.arange(len(labels))
    found: Telling = []
    for same, light, low, unrest in zip(rows, lightest, lower, spread, strict=True):
        unmarked = same[tint[same] <= light + _MARKED]
        most_marked = _low(tint[same], _PRINT_PERCENTILE) > light + _MARKED
        if (
            len(same) < _LEAST_SAME_LABEL
            or low > darkest
            or (most_marked and len(unmarked) < _LEAST_UNMARKED)
        ):
            found.append((same, everywhere, _PRINT_PERCENTILE))
        else:
            kept = unmarked if most_marked else same
            found.append((same, kept, 0 if unrest > restless else _PRINT_PERCENTILE))
    return found


def _of_label(
    values: Samples, telling: Telling, typical: Callable[[Samples, int], Samples]
) -> Samples:
    """What is `typical` of a label's print (n, ...) on this sheet, for each of its bubbles."""
    printed = np.empty_like(values)
    everywhere: Samples | None = None
    for same, shown, percentile in telling:
        if len(shown) == len(values):
            everywhere = typical(values, percentile) if everywhere is None else everywhere
            printed[same] = everywhere
        else:
            printed[same] = typical(values[shown], percentile)
    return printed


def _widened_print(darkness: Samples, percentile: int) -> Samples:
    """The print of patches (n, PATCH, PATCH), a sample wider for what the fit is off by."""
    return np.asarray(cv2.dilate(_low(darkness, percentile), np.ones((3, 3))))


def _low(darkness: Samples, percentile: int) -> Samples:
    """A low percentile over bubbles (n, ...), never the very lowest of several."""
    rank = min(max(1, len(darkness) * percentile // 100), len(darkness) - 1)
    return np.asarray(np.partition(darkness, rank, axis=0)[rank])


def _radius_grid() -> Floats:
    steps = np.linspace(-REACH, REACH, PATCH)
    return np.asarray(np.hypot(steps[None, :], steps[:, None]))
