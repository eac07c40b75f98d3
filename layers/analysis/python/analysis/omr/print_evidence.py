"""Proof of a fit where outlines cannot be told one by one: print that looks alike in every place.

Pale ovals, dashes left by a 1-bit scan and labels without an outline give no round contours. But
the bubbles of one sheet look like each other and unlike blank paper, text and rules. So each
place is compared with the mean look of its label over the sheet; a place that is filled counts by
its ink.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.lattice import pitches, shares_lines
from analysis.omr.mapping import SheetMap
from analysis.omr.nearest_round import NearestRound
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Samples = NDArray[np.float32]
Indices = NDArray[np.intp]
Grey = NDArray[Any]

_PATCH, _REACH = 21, 1.9
"""Samples a side of a place's patch, and radii from its centre to its edge."""

_ALIKE = 0.5
"""Correlation with the look of its label from which a place bears such print."""

_FILLED = 0.14
"""Median darkness of a disc over its surroundings from which a place is marked; the strokes of
a printed number leave most of a disc white."""

_STRONGER = 2.2
"""Times a look's contrast from which print beside a block is something else, as its numbers are."""

_UNMARKED_SHARE = 0.2
"""Share of a line of bubbles that is unmarked; numbers of two digits are as dark as marks, but all
of them are."""

_KIN = 0.6
"""Correlation of a label's look with the look of all from which it is one of theirs: a column laid
on the printed numbers of the questions has a look of its own."""

_MARKED_SHARE = 0.3
"""Share of patches, the darkest, that are left out of the look: they are marked."""

_LEAST_SAME_LABEL = 6

_AS_WELL = 0.8
"""Share of a block's last line that, found again one step on, makes the step as good."""

_OPEN_ENDED = 0.15
"""Share of bubbles in blocks that prove nothing in a direction, at most."""

_RUN = 10
"""Bubbles of a column that share their offset."""

_OFF = 1.7
"""Radii that a column of a template taken by hand may lie off its print."""


@dataclass(frozen=True, slots=True, eq=False)
class PrintEvidence:
    """Looks for print at places moved from where `places` (n, 2) px say the bubbles are."""

    channel: Grey
    sheet_map: SheetMap
    template: Template
    places: Floats
    looks: Samples

    @classmethod
    def of(
        cls, grey: Grey, sheet_map: SheetMap, template: Template, places: Floats
    ) -> "PrintEvidence":
        """Learn what the bubbles of each label look like at `places` of a uint8 picture."""
        radius = float(template.radii.mean()) * sheet_map.pixels_per_mm()
        side = 2 * round(radius / (_PATCH / (2 * _REACH)) / 2 + 0.5) + 1
        smooth = cv2.GaussianBlur(grey, (side, side), 0)
        blank = np.zeros((len(template.centers), _PATCH, _PATCH), np.float32)
        bare = cls(smooth, sheet_map, template, places, blank)
        patches = bare.patches(np.arange(len(template.centers)), (0.0, 0.0))
        return cls(smooth, sheet_map, template, places, _looks(patches, template))

    def matched(self, visible: NDArray[np.bool_]) -> float:
        """Share of the visible bubbles that stand on print; 0 where half of them are not."""
        if visible.mean() < 0.5:
            return 0.0
        return float(self.found(np.flatnonzero(visible), (0.0, 0.0)).mean())

    def one_step_off(self) -> bool:
        """Whether the sheet would fit as well one pitch further.

        Each block is asked, as for outlines. A template may list only part of a printed block;
        then such a block proves nothing in one direction, and another whose lines it shares must.
        """
        template = self.template
        proven: dict[tuple[int, int], list[Indices]] = {}
        open_ended: dict[tuple[int, int], list[Indices]] = {}
        for block in template.blocks:
            for step in pitches(template.centers[block], float(template.radii[block].mean())):
                way = (int(np.sign(step[0])), int(np.sign(step[1])))
                ends = self._ends(block, step)
                if not len(ends):
                    continue
                here = int(self.found(ends, (0.0, 0.0)).sum())
                there = int(self.found(ends, step).sum())
                (open_ended if there >= _AS_WELL * here else proven).setdefault(way, []).append(
                    block
                )
        return any(
            self._unproven(blocks, proven.get(way, []), axis=0 if way[0] else 1) > _OPEN_ENDED
            for way, blocks in open_ended.items()
        )

    def _ends(self, block: Indices, step: tuple[float, float]) -> Indices:
        """Bubbles of a block beyond which, a step on, the template has no bubble."""
        template = self.template
        apart = (template.centers[block] + step)[:, None] - template.centers[None]
        free = np.hypot(apart[..., 0], apart[..., 1]).min(axis=1) > template.radii[block].max()
        return np.asarray(block[free])

    def _unproven(self, blocks: list[Indices], proven: list[Indices], axis: int) -> float:
        """Share of all bubbles in blocks none of whose lines another block proves."""
        centers = self.template.centers
        slack = 0.3 * float(self.template.radii.mean())
        alone = [
            block
            for block in blocks
            if not any(shares_lines(centers[block], centers[o], axis, slack) for o in proven)
        ]
        return sum(map(len, alone)) / len(centers)

    def patches(self, index: Indices, step: tuple[float, float]) -> Samples:
        """Darkness 0-1 (k, side, side) around bubbles `index`, moved by `step` mm."""
        centers, radii = self.template.centers[index], self.template.radii[index]
        here, there = self.sheet_map(centers), self.sheet_map(centers + step)
        along = self.sheet_map(centers + radii * [1.0, 0.0]) - here
        down = self.sheet_map(centers + radii * [0.0, 1.0]) - here
        middle = self.places[index] + there - here
        steps = np.linspace(-_REACH, _REACH, _PATCH)
        places = (
            middle[:, None, None]
            + steps[None, None, :, None] * along[:, None, None]
            + steps[None, :, None, None] * down[:, None, None]
        ).astype(np.float32)
        flat = places.reshape(-1, _PATCH, 2)
        seen = cv2.remap(
            self.channel,
            flat[..., 0],
            flat[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ).reshape(places.shape[:3])
        paper = np.percentile(seen.reshape(len(seen), -1), 85, axis=1)[:, None, None]
        return np.asarray(np.clip(1.0 - seen / np.maximum(20.0, paper), 0.0, 1.0), np.float32)

    def found(self, index: Indices, step: tuple[float, float]) -> NDArray[np.bool_]:
        """Which of bubbles `index`, moved by `step` mm, stand on print like theirs or on a mark."""
        patches = self.patches(index, step)
        shape, strength = _likeness(patches, self.looks[index])
        alike = shape >= _ALIKE
        if step != (0.0, 0.0):
            alike &= strength <= _STRONGER
            if alike.mean() < _UNMARKED_SHARE:
                return alike
        return np.asarray(alike | (_filled(patches) >= _FILLED))


def _looks(patches: Samples, template: Template) -> Samples:
    labels = np.array(template.labels)
    dark = patches.mean(axis=(1, 2))
    looks = np.empty_like(patches)
    everyone = _mean_of_blank(patches, dark)
    for label in np.unique(labels):
        same = labels == label
        own = _mean_of_blank(patches[same], dark[same])
        kin = float(_likeness(own[None], everyone[None])[0][0]) >= _KIN
        looks[same] = own if kin and same.sum() >= _LEAST_SAME_LABEL else everyone
    return looks


def _mean_of_blank(patches: Samples, dark: Samples) -> Samples:
    limit = np.quantile(dark, 1.0 - _MARKED_SHARE)
    return np.asarray(patches[dark <= limit].mean(axis=0), np.float32)


def _likeness(patches: Samples, looks: Samples) -> tuple[Samples, Samples]:
    """Correlation (k,) of patches with looks, and their contrast over the looks' own."""
    near = _radius_grid() <= _REACH
    left = patches[:, near] - patches[:, near].mean(axis=1, keepdims=True)
    right = looks[:, near] - looks[:, near].mean(axis=1, keepdims=True)
    power = np.maximum(1e-9, (right**2).sum(axis=1))
    shared = (left * right).sum(axis=1)
    return shared / np.sqrt(np.maximum(1e-9, (left**2).sum(axis=1)) * power), shared / power


def _filled(patches: Samples) -> Samples:
    radius = _radius_grid()
    inside = np.median(patches[:, radius <= 0.8], axis=1)
    return np.asarray(inside - patches[:, (radius >= 1.3) & (radius <= 1.8)].mean(axis=1))


def _radius_grid() -> Floats:
    steps = np.linspace(-_REACH, _REACH, _PATCH)
    return np.asarray(np.hypot(steps[None, :], steps[:, None]))


def centred(outlines: NearestRound, sheet_map: SheetMap, template: Template) -> Floats:
    """Places (n, 2) px of the bubbles, each run of a column moved onto its own print.

    A template taken by hand lies up to a radius off, each column by its own. Round outlines and
    filled bubbles near a run say by how much; a run without any moves as its nearest do.
    """
    places = sheet_map(template.centers)
    radius = float(template.radii.mean()) * sheet_map.pixels_per_mm()
    found, distance = outlines.at(places)
    near = distance < _OFF * radius
    offset = outlines.rounds.centers[found] - places
    runs = _runs(template)
    moves = [_agreed(offset[run][near[run]], len(run), radius) for run in runs]
    middles = np.array([template.centers[run].mean(axis=0) for run in runs])
    known = [index for index, move in enumerate(moves) if move is not None]
    for index, run in enumerate(runs):
        move = moves[index]
        if move is None and known:
            apart = ((middles[known] - middles[index]) ** 2).sum(axis=1)
            closest = [moves[known[i]] for i in np.argsort(apart)[:3]]
            move = np.median(np.array(closest), axis=0)
        if move is not None:
            places[run] += move
    return places


def _agreed(offset: Floats, size: int, radius: float) -> Floats | None:
    """The offset most of a run's outlines have; None where too few have one."""
    if len(offset) < max(2, 0.25 * size):
        return None
    middle = np.median(offset, axis=0)
    close = np.hypot(*(offset - middle).T) < 0.4 * radius
    return np.asarray(offset[close].mean(axis=0)) if close.mean() >= 0.6 else None


def _runs(template: Template) -> list[Indices]:
    """Bubbles below each other in a block, at most _RUN of them: they share their offset."""
    groups: list[Indices] = []
    for block in template.blocks:
        x = template.centers[block, 0].round(1)
        for value in np.unique(x):
            column = block[x == value]
            column = column[np.argsort(template.centers[column, 1])]
            groups += np.array_split(column, -(-len(column) // _RUN))
    return groups
