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

from analysis.image import Image
from analysis.omr.label_print import added, low, told
from analysis.omr.lattice import neighbours
from analysis.omr.registration import Registration
from analysis.omr.row_percentiles import percentiles
from analysis.omr.sampling import CORE, DARKEST_SHADOW, DISC, PATCH, REACH, Places, radius_grid
from analysis.omr.template import Template

Grey = NDArray[Any]
Samples = NDArray[np.float32]
Levels = NDArray[np.floating[Any]]

SECTORS = 16
"""Directions in which ink around a bubble is told apart: arms of a cross, a ring, a frame."""

_RIM, _BEYOND = (1.12, 1.6), (1.4, 1.85)
"""Radii: where a ring around a bubble runs; and where only the arms of a cross reach, as a hasty
filling stays within 1.3."""

_SPARSE = np.s_[:, ::2, ::2]
"""Samples that suffice for the paper's level."""

_GLANCE = np.s_[:, ::3, ::3]
"""Samples that suffice to see whether any disc is coloured."""

_OUTLINE, _OUTSIDE = (0.8, 1.2), (1.25, 1.6)
"""Radii between which a printed outline lies, the fit being a hair off, and between which is the
paper that it stands out from, or what lies on both."""

_LEAST_PRINTED = 0.03
"""Mean darkness of the printed outline from which one can tell that some of it is gone."""

_UNEVEN = 0.12
"""Share of the outline that the worst quarter of all bubbles lack from which print and template do
not meet well enough to tell: own sheets have 0.065 at most, templates by hand from 0.27."""

_PAPER_PERCENTILE = 85
_NEIGHBOURS = 9

_TOLD_OF_LIGHT = (0.01, 0.03, 100.0), (0.0, 0.03, 100.0)
"""Shares by which the light around a bubble seems to differ from its neighbours', and of them what
is believed: a hundredth is noise."""

_TINTED = 0.5
"""Share of the ink looked for below which the darkness of all discs differs too little for it."""


def _rings() -> tuple[NDArray[np.float32], ...]:
    """Weights (PATCH², SECTORS) that give the mean over a ring's sectors: rim, beyond, outline and
    outside."""
    steps = np.linspace(-REACH, REACH, PATCH)
    radius, angle = radius_grid(), np.arctan2(steps[:, None], steps[None, :])
    sector = ((angle + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    parts = []
    for inner, outer in (_RIM, _BEYOND, _OUTLINE, _OUTSIDE):
        ring = (radius >= inner) & (radius <= outer)
        members = np.stack([(ring & (sector == s)).ravel() for s in range(SECTORS)], axis=1)
        parts.append((members / members.sum(axis=0)).astype(np.float32))
    return tuple(parts)


_DISC = radius_grid() <= DISC
_DISC_IN_CORE = _DISC[None][CORE][0]
_IN_RIM, _IN_BEYOND, _IN_OUTLINE, _IN_OUTSIDE = _rings()


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Per bubble, each (n,) floats, 0 for print alone; `rim` and `around` are (n, SECTORS).

    `area` mean ink in the disc, 0-1; `middle` its median; `dark` its 95th percentile; `rim`
    and `around` mean ink just outside the outline (1.12-1.6 radii) and beyond (1.4-1.85), by
    direction. `tint` is the disc's mean darkness over that of its label's print, signed: camera
    noise, which hides a pale filling from the others, averages out of it. `over` is the same over
    the second lightest disc of the label, `borrowed` (n,) bool tells bubbles whose label's print
    had to be told from other labels, and `suspect` how much of `area` may be print for all that.
    `gone` is the share of the printed outline that a bubble lacks: something lies on it, or it has
    been rubbed out; 0 where print and template do not meet well enough to tell (`even` is False).
    """

    area: Levels
    middle: Levels
    dark: Levels
    rim: Levels
    around: Levels
    tint: Levels
    over: Levels
    borrowed: NDArray[np.bool_]
    suspect: Levels
    gone: Levels

    @property
    def even(self) -> bool:
        """Whether print and template meet well enough to tell what lies on or beside a bubble."""
        return bool(self.gone.any())


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """The part of a picture that has a sheet's bubbles, where they are sampled, the light on each
    sample over that around its bubble, the light `around` (n,), and each bubble's nearest."""

    template: Template
    view: Image
    red: Grey
    places: Places
    light: Samples
    around: Samples
    near: NDArray[np.intp]

    @classmethod
    def of(cls, image: Image, found: Registration, template: Template) -> "Probe":
        """Lay patches on the sheet in a BGR picture; the light is read off its red channel."""
        places = Places.of(found, template, image.shape)
        view = image[places.part]
        red = cv2.extractChannel(view, 2)
        near = neighbours(template.centers, _NEIGHBOURS)
        light, around = places.light(red)
        return cls(template, view, red, places, light, _steadied(around, near), near)

    def ink(self) -> Ink:
        """Measure the red channel: a teacher's red pen is not in it."""
        flat = self._flat(self.places.smoothed(self.red))
        signed = _darkness(flat, self._paper(flat[_SPARSE]))
        telling, ink = told(signed, _DISC, self.template)
        inside = ink[:, _DISC]
        tint = signed[:, _DISC].mean(axis=1)
        middle, dark = percentiles(inside, 50, 95)
        every = ink.reshape(len(ink), -1)
        return Ink(
            area=inside.mean(axis=1),
            middle=middle,
            dark=dark,
            rim=every @ _IN_RIM,
            around=every @ _IN_BEYOND,
            tint=tint - telling.over(tint, low),
            over=tint - telling.lightest,
            borrowed=telling.borrowed,
            suspect=telling.suspect,
            gone=_gone(signed.reshape(len(signed), -1)),
        )

    def coloured(self, least: float) -> NDArray[np.bool_]:
        """Which discs (n,) have `least` mean ink, 0-1, of a colour the red channel does not see.

        Both looks take their print from the same bubbles: else a label whose print is told from
        others in one of them would be coloured.
        """
        tinted = self._tinted()
        if tinted.max() - np.median(tinted) < _TINTED * least:
            return np.zeros(len(self.near), np.bool_)
        blue, green = cv2.extractChannel(self.view, 0), cv2.extractChannel(self.view, 1)
        signed = self._core(cv2.min(cv2.min(blue, green), self.red))
        telling, every = told(signed, _DISC_IN_CORE, self.template)
        ink = (every - added(self._core(self.red), telling))[:, _DISC_IN_CORE].mean(axis=1)
        return np.asarray(ink > least)

    def _tinted(self) -> Levels:
        """How much darker (n,) each disc is than its red channel, from a few samples."""
        blue, green, red = np.moveaxis(self.places.sampled(self.view, _GLANCE), 3, 0)
        darkest = np.minimum(np.minimum(blue, green), red) / self.light[_GLANCE]
        lit = red / self.light[_GLANCE]
        excess = _darkness(darkest, self._paper(darkest)) - _darkness(lit, self._paper(lit))
        return np.asarray(excess[:, _DISC[_GLANCE[1:]]].mean(axis=1))

    def _core(self, channel: Grey) -> Samples:
        """Darkness of a channel of the view in the middle of each patch."""
        smooth = self.places.smoothed(channel)
        return _darkness(self._flat(smooth, CORE), self._paper(self._flat(smooth, _SPARSE)))

    def _flat(self, channel: Grey, which: Any = np.s_[:]) -> Samples:
        """Samples of a channel of the view as if light fell evenly on the sheet."""
        return np.asarray(self.places.sampled(channel, which) / self.light[which])

    def _paper(self, sparse: Samples) -> Samples:
        """Paper level (n,) around each bubble: how bright its and its neighbours' bright samples
        are for the light there."""
        (own,) = percentiles(sparse.reshape(len(sparse), -1), _PAPER_PERCENTILE)
        usual = np.median((own / self.around)[self.near], axis=1)
        return np.asarray(np.maximum(20.0, self.around * usual), np.float32)


def _steadied(around: Levels, near: NDArray[np.intp]) -> Samples:
    """Light around each bubble (n,), without the noise it is measured with.

    A bubble's neighbours may lie in a shadow that it does not, but it is no darker than shadows.
    """
    usual = np.median(around[near], axis=1)
    beyond = np.maximum(DARKEST_SHADOW, around / usual) - 1.0
    told = np.sign(beyond) * np.interp(np.abs(beyond), *_TOLD_OF_LIGHT)
    return np.asarray(usual * (1.0 + told), np.float32)


def _gone(darkness: Samples) -> Levels:
    """Share (n,) of the printed outline, as most bubbles have it, that is not in patches
    (n, PATCH²)."""
    outside = np.clip(darkness @ _IN_OUTSIDE, 0.0, None)
    outline = np.clip(darkness @ _IN_OUTLINE - outside, 0.0, None)
    printed = np.median(outline, axis=0)
    whole = float(printed.mean())
    if whole < _LEAST_PRINTED:
        return np.zeros(len(darkness))
    gone = np.clip(printed - outline, 0.0, None).mean(axis=1) / whole
    return np.asarray(gone if np.percentile(gone, 75) < _UNEVEN else np.zeros(len(gone)))


def _darkness(flat: Samples, paper: Samples) -> Samples:
    """Darkness (n, h, w) against the lit paper, below 0 where brighter."""
    return np.asarray(1 - flat / paper[:, None, None], np.float32)
