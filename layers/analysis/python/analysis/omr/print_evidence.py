"""Proof of a fit where outlines cannot be told one by one: print that looks alike in every place.

Pale ovals, dashes left by a 1-bit scan and labels without an outline give no round contours. But
the bubbles of one sheet look like each other and unlike blank paper, text and rules. So each
place is compared with the mean look of its label over the sheet; a place that is filled counts by
its ink.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.column_places import runs
from analysis.omr.lattice import pitches, shares_lines
from analysis.omr.mapping import SheetMap
from analysis.omr.print_looks import (
    LEAST_SAME_LABEL,
    PATCH,
    REACH,
    centroid,
    consistency,
    filled,
    likeness,
    looks,
)
from analysis.omr.row_percentiles import percentiles
from analysis.omr.template import Template

Floats = NDArray[np.float64]
Samples = NDArray[np.float32]
Indices = NDArray[np.intp]
Grey = NDArray[Any]
Step = tuple[float, float]
"""mm in x and in y."""

Group = list[tuple[Indices, Step]]
"""Blocks that hang together, each with its pitch in one direction."""

ALIKE = 0.5
"""Correlation with the look of its label from which a place bears such print."""

_FILLED, _PRINT_SHARE = 0.14, 0.35
"""Median darkness of a disc over its surroundings from which a place is marked; the strokes of
a printed number leave most of a disc white, and heavy print is what this share of discs stays
below."""

STRONGER, WEAKER = 2.2, 0.3
"""Times a look's contrast between which print beside a block may be a bubble of it; its numbers
are stronger, specks and rules weaker."""

_UNMARKED_SHARE = 0.2
"""Share of a line of bubbles that is unmarked; numbers of two digits are as dark as marks, but all
of them are."""

_AS_GOOD, _AS_GOOD_MARKED = 0.68, 0.56
"""Likeness beyond a block over that within it from which the line there is one of its own; and
where it bears marks. Lines of bubbles reach 0.79 and more, blurred ones 0.58, numbers of questions
beside bare letters up to 0.65, a further question's choices 0.4."""

_CONSISTENT = 0.95
"""Likeness of the print beyond a block to itself, over that of bubbles to their label's look,
from which that line, if it is also marked, is a column of choices."""

_RIM, _OUTLINED = (0.75, 1.6), 0.75
"""Radii of a bubble's outline, its label aside; and likeness of rims from which there is one."""

_SLIPS = np.array([(x, y) for x in (0.0, -0.3, 0.3) for y in (0.0, -0.3, 0.3)])
"""Radii that outlines beyond a block may lie off its pitch: no one has measured them."""

_LINE_FOUND, LINE_THERE = 0.5, 0.45
"""Share of a line of bubbles that must be found for it to be there, and beyond a block to be one
more of it."""

_LIKE_MARKS = 0.6
"""Of the darkness of this sheet's marks, from which ink is one more."""

_FEWEST_MARKS, _MARKED_THERE, _FEWER = 2, 0.08, 0.25
"""Marks in a line beyond a block, and share of it, from which it is marked; and marks in the
first line for each of those that are too few."""

_CONTIGUOUS = 1.6
"""Pitches between two blocks, at most, for the one to go on where the other ends."""

_OPEN_ENDED = 0.15
"""Share of bubbles in blocks that prove nothing in a direction, at most."""

_PAPER_PERCENTILE = 85

_INK, _SHARPER = 0.08, 1.3
"""Median darkness that counts as ink of a mark, and ink in the places over ink half a step off."""


@dataclass(frozen=True, slots=True, eq=False)
class PrintEvidence:
    """Looks for print at places moved from where `places` (n, 2) px say the bubbles are.

    `looks` are those of each bubble's label, `common` is that of all bubbles; `typical` is how
    like its label's look an unmarked bubble is, `outlined` the same of rims alone; `marked` is how
    dark marks are, and `full` from where on a place is marked.
    """

    channel: Grey
    sheet_map: SheetMap
    template: Template
    places: Floats
    looks: Samples
    common: Samples
    typical: float
    outlined: float
    marked: float
    full: float

    @classmethod
    def of(
        cls, grey: Grey, sheet_map: SheetMap, template: Template, places: Floats
    ) -> "PrintEvidence":
        """Learn what the bubbles of each label look like at `places` of a uint8 picture."""
        radius = float(template.radii.mean()) * sheet_map.pixels_per_mm()
        side = 2 * round(radius / (PATCH / (2 * REACH)) / 2 + 0.5) + 1
        return cls._learned(cv2.GaussianBlur(grey, (side, side), 0), sheet_map, template, places)

    def at(self, places: Floats) -> "PrintEvidence":
        """The same of other places."""
        return self._learned(self.channel, self.sheet_map, self.template, places)

    @classmethod
    def _learned(
        cls, smooth: Grey, sheet_map: SheetMap, template: Template, places: Floats
    ) -> "PrintEvidence":
        blank = np.zeros((len(template.centers), PATCH, PATCH), np.float32)
        bare = cls(smooth, sheet_map, template, places, blank, blank[0], 1.0, 1.0, 1.0, 1.0)
        patches = bare.patches(np.arange(len(template.centers)), (0.0, 0.0))
        of_label, common = looks(patches, template)
        dark = filled(patches)
        full = _FILLED + max(0.0, float(np.quantile(dark, _PRINT_SHARE)))
        unmarked = dark < full
        marked = float(np.median(dark[~unmarked])) if not unmarked.all() else 1.0
        like = likeness(patches, of_label)[0][unmarked]
        rims = likeness(patches, common[None], _RIM)[0][unmarked]
        typical, outlined = (float(np.median(of)) if of.size else 1.0 for of in (like, rims))
        return cls(
            smooth, sheet_map, template, places, of_label, common, typical, outlined, marked, full
        )

    def matched(self, visible: NDArray[np.bool_]) -> float:
        """Share of the visible bubbles that stand on print; 0 where half of them are not."""
        if visible.mean() < 0.5:
            return 0.0
        return float(self.found(np.flatnonzero(visible)).mean())

    def recentred(self) -> Floats:
        """Places (n, 2) px moved so that what is dark lies around them, run by run.

        A mark counts no more than print; half of what a run is off is its whole block's.
        """
        patches = self.patches(np.arange(len(self.template.centers)), (0.0, 0.0))
        offset = np.zeros((len(patches), 2))
        for block in self.template.blocks:
            offset[block] = centroid(patches[block], self._reach(block))
        for run in self._runs():
            own = centroid(patches[run], self._reach(run))
            offset[run] = (offset[run] + own) / 2 if len(run) >= LEAST_SAME_LABEL else offset[run]
        centers, radii = self.template.centers, self.template.radii
        return np.asarray(
            self.places + self.sheet_map(centers + offset * radii) - self.sheet_map(centers)
        )

    def _runs(self) -> list[Indices]:
        template = self.template
        return [run for block in template.blocks for run in runs(template.centers, block)]

    def _reach(self, block: Indices) -> tuple[float, float]:
        """Radii in x and in y from a bubble to where its neighbours begin, at most."""
        template = self.template
        radius = float(template.radii[block].mean())
        reach = [1.5, 1.5]
        for step in pitches(template.centers[block], radius):
            axis = 0 if step[0] else 1
            reach[axis] = min(reach[axis], abs(step[axis]) / radius / 2)
        return reach[0], reach[1]

    def one_step_off(self, *, held: bool = False) -> bool:
        """Whether the sheet would fit as well one pitch further, or half of one unless `held`.

        Asked are the outermost lines of blocks that hang together: they must be there, and none
        like them beyond. A template may list only part of a printed block; what such a block
        does not prove, others it hangs together with must.
        """
        return self._unproven(self._open_ended) or (not held and self._half_a_step_off())

    def outlines_beyond(self) -> bool:
        """Whether blocks go on, by the outlines of bubbles alone, where the template has none."""
        return self.outlined >= _OUTLINED and self._unproven(self._outlined_beyond)

    def _unproven(self, open_ended: Callable[[Group], bool]) -> bool:
        """Whether groups of too many bubbles are open-ended in some direction."""
        counts = (
            sum(len(block) for group in groups if open_ended(group) for block, _ in group)
            for groups in self._groups().values()
        )
        limit = _OPEN_ENDED * len(self.template.centers)
        return any(count > limit for count in counts)

    def _groups(self) -> dict[tuple[int, int], list[Group]]:
        """Blocks with their step in each direction, grouped as they hang together.

        Questions and an identifier never do, near as they may be.
        """
        template = self.template
        questions = template.question_blocks
        found: dict[tuple[int, int], list[Group]] = {}
        for blocks in (questions, template.blocks[len(questions) :]):
            ways: dict[tuple[int, int], Group] = {}
            for block in blocks:
                for step in pitches(template.centers[block], float(template.radii[block].mean())):
                    way = (int(np.sign(step[0])), int(np.sign(step[1])))
                    ways.setdefault(way, []).append((block, step))
            for way, members in ways.items():
                together = self._together(members, 0 if way[0] else 1)
                found.setdefault(way, []).extend(together)
        return found

    def _together(self, members: Group, axis: int) -> list[Group]:
        """Members whose blocks share lines across the axis, or go on where another ends."""
        groups: list[Group] = []
        for member in members:
            near = [g for g in groups if any(self._hangs(member, other, axis) for other in g)]
            groups = [g for g in groups if not any(g is n for n in near)]
            groups.append([member, *(other for g in near for other in g)])
        return groups

    def _hangs(self, member: tuple[Indices, Step], other: tuple[Indices, Step], axis: int) -> bool:
        centers = self.template.centers
        one, two = centers[member[0]], centers[other[0]]
        slack = 0.3 * float(self.template.radii.mean())
        if shares_lines(one, two, axis, slack) or shares_lines(two, one, axis, slack):
            return True
        pitch = abs(member[1][axis])
        gap = max(one[:, axis].min(), two[:, axis].min()) - min(
            one[:, axis].max(), two[:, axis].max()
        )
        if not 0.5 * pitch < gap < _CONTIGUOUS * pitch:
            return False
        apart = np.abs(np.unique(one[:, 1 - axis])[:, None] - two[None, :, 1 - axis])
        return bool((apart.min(axis=1) < 2 * float(self.template.radii.mean())).any())

    def _open_ended(self, group: Group) -> bool:
        """Whether the outermost line of a group is missing, or another like it lies beyond."""
        index, steps = self._outermost(group)
        if not len(index):
            return False
        if self.found(index).mean() < _LINE_FOUND:
            return True
        first, _ = self._outermost([(block, (-step[0], -step[1])) for block, step in group])
        beyond = self.patches(index, steps)
        if self._one_more(beyond, index, self._marks(self.patches(first, (0.0, 0.0)))):
            return True
        return self.outlined >= _OUTLINED and self._outlines(index, steps)

    def _outlined_beyond(self, group: Group) -> bool:
        """Whether beyond the outermost line of a group lies another of outlines."""
        index, steps = self._outermost(group)
        return len(index) > 0 and self._outlines(index, steps)

    def _outlines(self, index: Indices, steps: Floats) -> bool:
        """Whether bubbles of a line, moved by `steps` (n, 2) mm, lie on outlines."""
        slips = _SLIPS * self.template.radii.mean()
        moved = (steps[None] + slips[:, None]).reshape(-1, 2)
        patches = self.patches(np.tile(index, len(slips)), moved)
        blank = (filled(patches) < self.full).reshape(len(slips), -1)
        rims = likeness(patches, self.common[None], _RIM)[0]
        like = (rims >= _AS_GOOD * self.outlined).reshape(blank.shape) & blank
        unmarked = blank.sum(axis=1)
        there = (unmarked >= _UNMARKED_SHARE * len(index)) & (unmarked > 0)
        return bool((there & (like.sum(axis=1) >= LINE_THERE * unmarked)).any())

    def _one_more(self, line: Samples, index: Indices, first: NDArray[np.bool_]) -> bool:
        """Whether patches beyond bubbles `index`, the last line of a group, are a line of it.

        `first` tells which bubbles of the group's first line are marked: where none is, or nearly
        all, as numbers seem to be, and this line is, the sheet lies a step off. Marks of its own
        make a likeness count that print alone would not.
        """
        blank = filled(line) < self.full
        if blank.mean() < _UNMARKED_SHARE:
            return False
        there = int(self._marks(line).sum())
        marked = there >= max(_FEWEST_MARKS, _MARKED_THERE * len(line))
        numbers = len(first) >= LEAST_SAME_LABEL and first.mean() > 1.0 - _UNMARKED_SHARE
        if marked and (numbers or first.sum() <= _FEWER * there):
            return True
        if marked and self._consistent(line[blank], index[blank]):
            return True
        enough = _AS_GOOD_MARKED if marked else _AS_GOOD
        return bool(self._as_good(line[blank], index[blank], enough).mean() >= LINE_THERE)

    def _consistent(self, patches: Samples, index: Indices) -> bool:
        """Whether the same is printed in all patches, as it is in a column of one label."""
        contrast = likeness(patches, self.common[None])[1]
        labels = np.array(self.template.labels)[index]
        alike = consistency(patches, labels, 0.0)
        same = (alike >= _CONSISTENT * self.typical) & (contrast >= WEAKER)
        return bool(same.mean() >= LINE_THERE)

    def _marks(self, patches: Samples) -> NDArray[np.bool_]:
        return np.asarray(filled(patches) >= _LIKE_MARKS * self.marked)

    def _as_good(self, patches: Samples, index: Indices, enough: float) -> NDArray[np.bool_]:
        """Which patches (k, side, side) look as bubbles `index` do, and like each other."""
        own, contrast = likeness(patches, self.looks[index])
        shared, strength = likeness(patches, self.common[None])
        like = np.maximum(own, shared)
        strength = np.where(own >= shared, contrast, strength)
        labels = np.array(self.template.labels)[index]
        alike = like * consistency(patches, labels, self.typical)
        plausible = (strength <= STRONGER) & (strength >= WEAKER)
        return np.asarray(plausible & (alike >= enough * self.typical**2))

    def _half_a_step_off(self) -> bool:
        """Whether marks would lie better half a step further, in any direction.

        Places between the bubbles look like each other as well, but marks are not centred there.
        """
        index = np.arange(len(self.template.centers))
        here = self._ink(index, (0.0, 0.0))
        radius = float(self.template.radii.mean())
        for axis in (0, 1):
            steps = [
                abs(step[axis])
                for block in self.template.blocks
                for step in pitches(self.template.centers[block], radius)
                if step[axis]
            ]
            half = float(np.median(steps)) / 2 if steps else 2 * radius
            for way in (half, -half):
                step = (way, 0.0) if axis == 0 else (0.0, way)
                if self._ink(index, step) * _SHARPER > here:
                    return True
        return False

    def _ink(self, index: Indices, step: Step) -> float:
        return float(np.clip(filled(self.patches(index, step)) - _INK, 0.0, None).sum())

    def _outermost(self, group: Group) -> tuple[Indices, Floats]:
        """Bubbles of a group beyond which, a step on, the template has none; and their steps."""
        ends = [(self._ends(block, step), step) for block, step in group]
        steps = [np.broadcast_to(step, (len(end), 2)) for end, step in ends]
        return np.concatenate([end for end, _ in ends]), np.concatenate(steps)

    def _ends(self, block: Indices, step: Step) -> Indices:
        centers = self.template.centers
        moved = centers[block] + step
        across = moved[:, None, 0] - centers[None, :, 0]
        down = moved[:, None, 1] - centers[None, :, 1]
        apart = (across * across + down * down).min(axis=1)
        return np.asarray(block[apart > self.template.radii[block].max() ** 2])

    def patches(self, index: Indices, step: Step | Floats) -> Samples:
        """Darkness 0-1 (k, side, side) around bubbles `index`, moved by `step` mm."""
        centers, radii = self.template.centers[index], self.template.radii[index]
        here, there = self.sheet_map(centers), self.sheet_map(centers + step)
        along = self.sheet_map(centers + radii * [1.0, 0.0]) - here
        down = self.sheet_map(centers + radii * [0.0, 1.0]) - here
        middle = self.places[index] + there - here
        steps = np.linspace(-REACH, REACH, PATCH, dtype=np.float32)

        def spread(axis: int) -> Samples:
            side, fall = along[:, axis].astype(np.float32), down[:, axis].astype(np.float32)
            rows = middle[:, axis, None].astype(np.float32) + fall[:, None] * steps
            return np.asarray(rows[:, :, None] + (side[:, None] * steps)[:, None, :])

        seen = cv2.remap(
            self.channel,
            spread(0).reshape(len(index), -1),
            spread(1).reshape(len(index), -1),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ).reshape(len(index), -1)
        (paper,) = percentiles(seen, _PAPER_PERCENTILE)
        dark = 1.0 - seen / np.maximum(20.0, paper)[:, None].astype(np.float32)
        return np.asarray(np.clip(dark, 0.0, 1.0).reshape(-1, PATCH, PATCH), np.float32)

    def found(self, index: Indices) -> NDArray[np.bool_]:
        """Which of bubbles `index` stand on print like that of their label, or on a mark."""
        patches = self.patches(index, (0.0, 0.0))
        alike = likeness(patches, self.looks[index])[0] >= ALIKE
        return np.asarray(alike | (filled(patches) >= self.full))
