"""Pictures of single bubbles: what those of one label look like, and how like it one is.

A patch is darkness 0-1 (side, side) around a bubble, its radius the unit; patches are (k, side,
side).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.omr.template import Template

Floats = NDArray[np.float64]
Samples = NDArray[np.float32]

PATCH, REACH = 21, 1.9
"""Samples a side of a place's patch, and radii from its centre to its edge."""

_STEPS = np.linspace(-REACH, REACH, PATCH)
"""Radii from the middle of a patch, along either side."""

_KIN = 0.6
"""Correlation of a label's look with the look of all from which it is one of theirs: a column laid
on the printed numbers of the questions has a look of its own."""

_MARKED_SHARE = 0.5
"""Share of patches, the darkest, that are left out of the look: they may be marked."""

LEAST_SAME_LABEL = 6
"""Bubbles of a label that have a look of their own."""

_LEAST_CONSISTENT = 3
"""Unmarked places of one label that tell whether they look like each other, as numbers do not."""


def looks(patches: Samples, template: Template) -> tuple[Samples, Samples]:
    """What each bubble's label looks like (n, side, side), and what all bubbles do."""
    labels = np.array(template.labels)
    dark = patches.mean(axis=(1, 2))
    looks = np.empty_like(patches)
    everyone = _mean_of_blank(patches, dark)
    for label in np.unique(labels):
        same = labels == label
        own = _mean_of_blank(patches[same], dark[same])
        kin = float(likeness(own[None], everyone[None])[0][0]) >= _KIN
        looks[same] = own if kin and same.sum() >= LEAST_SAME_LABEL else everyone
    return looks, everyone


def centroid(patches: Samples, reach: tuple[float, float]) -> Floats:
    """Where the dark of patches (k, side, side) has its centre (2,), in radii."""
    columns, rows = np.abs(_STEPS) <= reach[0], np.abs(_STEPS) <= reach[1]
    seen = patches[:, rows][:, :, columns]
    seen = np.clip(seen - np.quantile(seen, 0.3, axis=(1, 2), keepdims=True), 0.0, None)
    seen = (seen / (seen.sum(axis=(1, 2), keepdims=True) + 0.5)).sum(axis=0)
    total = max(1e-9, float(seen.sum()))
    across, down = (seen.sum(axis=0) @ _STEPS[columns], seen.sum(axis=1) @ _STEPS[rows])
    return np.array([across, down]) / total


def consistency(patches: Samples, labels: NDArray[np.str_], otherwise: float) -> Samples:
    """How like the others of its label each patch (k, side, side) is; `otherwise` if alone."""
    alike = np.full(len(patches), otherwise, np.float32)
    for label in np.unique(labels):
        same = np.flatnonzero(labels == label)
        if len(same) >= _LEAST_CONSISTENT:
            others = (patches[same].sum(axis=0) - patches[same]) / (len(same) - 1)
            alike[same] = likeness(patches[same], others)[0]
    return alike


def _mean_of_blank(patches: Samples, dark: Samples) -> Samples:
    limit = np.quantile(dark, 1.0 - _MARKED_SHARE)
    return np.asarray(patches[dark <= limit].mean(axis=0), np.float32)


def likeness(
    patches: Samples, looks: Samples, within: tuple[float, float] = (0.0, REACH)
) -> tuple[Samples, Samples]:
    """Correlation (k,) of patches with looks, and their contrast over the looks' own.

    `looks` (k or 1, side, side) is one for each patch or for all. Compared is what lies `within`
    two radii.
    """
    near = _between(*within)
    left = patches[:, near] - patches[:, near].mean(axis=1, keepdims=True)
    right = looks[:, near] - looks[:, near].mean(axis=1, keepdims=True)
    power = np.maximum(1e-9, (right**2).sum(axis=1))
    shared = (left * right).sum(axis=1)
    return shared / np.sqrt(np.maximum(1e-9, (left**2).sum(axis=1)) * power), shared / power


def filled(patches: Samples) -> Samples:
    """Median darkness (k,) of the disc over its surroundings; print alone stays near 0."""
    inside = np.median(patches[:, _between(0.0, 0.8)], axis=1)
    return np.asarray(inside - patches[:, _between(1.3, 1.8)].mean(axis=1))


@lru_cache(maxsize=8)
def _between(least: float, most: float) -> NDArray[np.bool_]:
    """Which samples (side, side) lie so many radii from the middle of a patch."""
    radius = np.hypot(_STEPS[None, :], _STEPS[:, None])
    return np.asarray((radius >= least) & (radius <= most))
