"""What the printed label of a bubble looks like on this very sheet, told from its like.

Most bubbles of a label are unmarked, so what the lighter of them have in common is print. A
guesser marks one choice from top to bottom: what most bubbles of that label share is then the
pen, and other evidence has to tell its print.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.template import Template

Samples = NDArray[np.float32]
Levels = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]

_PRINT_PERCENTILE = 35
"""Among patches of one label, few are marked: a low percentile of darkness is the print."""

_LEAST_ROOM = 0.15
"""Of a sample that print leaves white, at least, when ink is taken as its share."""

_LEAST_SAME_LABEL = 4
"""Patches of a label needed to tell its print; else all patches of the sheet stand in."""

_EMPTY = 0.04
"""Mean ink of a row's most inked bubble below which the row counts as empty."""

_LEAST_EMPTY, _EMPTY_SHARE = 3, 0.15
"""Empty rows that call for a closer look at what shows the print."""

MARKED = 0.03
"""Mean darkness of a disc over the second lightest of its label that print alone does not explain:
where the print would be taken from such patches, most rows have this choice marked. Of 900 unmarked
labels rendered as scans and photos 98 % stay below; where one does not, its lighter half serves."""

_LEAST_UNMARKED = 3
"""Patches that must stay below `MARKED` to be taken for print; two may be two ticks."""

_DARKER_LABEL = 0.018, 4.0
"""Of a label's lighter discs over those of other labels: at least, and over the median deviation
of labels, where nearly every row has the choice marked. Print alone reached 0.013 on scans."""

_ANSWERED = 0.75
"""Share of a label's rows in which another choice is marked, from which the label is no choice
marked from top to bottom but printed heavier than others, as a slashed zero is."""

_COMMON = 0.008
"""Mean ink that the bubbles of a label have in common from which it may be print: where a rubbed
out patch was taken for the print, the rest of it stays in every bubble. Of labels whose print is
well told 99 % have less than 0.002."""

_RESTLESS = 1.7
"""Spread among a label's lighter patches over other labels' spread: ticks, which no two rows have
alike. Print alone reaches 1.4 on scans, 2.3 on hard photos; ticks start at 1.9."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Of one label its bubbles, those that show its print, and at which percentile of darkness."""

    same: Indices
    shown: Indices
    percentile: int


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """Where each label's print is seen. `lightest` (n,) is the mean darkness of its label's second
    lightest disc: rubbing a mark out takes print with it, so the very lightest may lack some.
    `borrowed` (n,) tells the bubbles whose label had none to show it, `suspect` (n,) how much of
    the mean ink of a disc may be print for all that."""

    sources: tuple[Source, ...]
    lightest: Levels
    borrowed: NDArray[np.bool_]
    suspect: Levels

    def over(self, values: Samples, typical: Callable[[Samples, int], Samples]) -> Samples:
        """What is `typical` of a label's print (n, ...) on this sheet, for each of its bubbles."""
        printed = np.empty_like(values)
        of_all: Samples | None = None
        for source in self.sources:
            if len(source.shown) == len(values):
                of_all = typical(values, source.percentile) if of_all is None else of_all
                printed[source.same] = of_all
            else:
                printed[source.same] = typical(values[source.shown], source.percentile)
        return printed

    def doubted(self, darkness: Samples, ink: Samples) -> "Telling":
        """The same, with what the discs (n, samples) of a label have in common held suspect.

        As much of it may be print as other labels have; more is a pen's.
        """
        common = np.array([low(ink[one.same], _PRINT_PERCENTILE).mean() for one in self.sources])
        if not (left := common > _COMMON).any():
            return self
        printed = [low(darkness[one.same], _PRINT_PERCENTILE).mean() for one in self.sources]
        usual = float(np.median(np.array(printed)[~left])) if not left.all() else np.inf
        suspect = np.zeros_like(self.lightest)
        for one, shared in zip(self.sources, common, strict=True):
            suspect[one.same] = min(shared, usual) if shared > _COMMON else 0.0
        return replace(self, suspect=suspect)


def told(signed: Samples, disc: NDArray[np.bool_], template: Template) -> tuple[Telling, Samples]:
    """What shows the print of each label, and the ink over it (n, h, w), 0-1.

    `signed` (n, h, w) is darkness, `disc` (h, w) the inside of a bubble. The bubbles of a label
    show it, unless they are so dark, or leave so many rows empty, that one choice may have been
    marked from top to bottom.
    """
    labels = _Labels.of(signed[:, disc].mean(axis=1), template)
    telling = labels.usual()
    if labels.clear():
        ink = added(signed, telling)
        area = ink[:, disc].mean(axis=1)
        if not any(_many_empty(area, rows) for rows in (template.questions, template.digits)):
            return telling, ink
    telling = labels.looked_at(signed[:, disc])
    ink = added(signed, telling)
    return telling.doubted(signed[:, disc], ink[:, disc]), ink


def added(signed: Samples, telling: Telling) -> Samples:
    """Ink (n, h, w), 0-1, over what the label's print has."""
    ink = np.clip(signed, 0.0, 1.0)
    printed = telling.over(ink, _widened)
    ink -= printed
    np.subtract(1, printed, out=printed)
    np.maximum(printed, np.float32(_LEAST_ROOM), out=printed)
    ink /= printed
    return np.asarray(np.clip(ink, 0.0, 1.0, out=ink))


def low(darkness: Samples, percentile: int) -> Samples:
    """A low percentile over bubbles (n, ...), never the very lowest of several."""
    rank = min(max(1, len(darkness) * percentile // 100), len(darkness) - 1)
    return np.asarray(np.partition(darkness, rank, axis=0)[rank])


def _widened(darkness: Samples, percentile: int) -> Samples:
    """The print of patches (n, h, w), a sample wider for what the fit is off by."""
    return np.asarray(cv2.dilate(low(darkness, percentile), np.ones((3, 3), np.uint8)))


def _many_empty(area: Levels, rows: tuple[Any, ...]) -> bool:
    empty = sum(bool(area[[choice.index for choice in row.choices]].max() < _EMPTY) for row in rows)
    return empty >= max(_LEAST_EMPTY, _EMPTY_SHARE * len(rows))


@dataclass(frozen=True, slots=True, eq=False)
class _Labels:
    """Per label its bubbles, the lightest first, and of their mean darkness: all (`tint`, by
    bubble), the second `lightest`, the level of the `lighter` half, and what is `common`; `rows`
    are the bubbles of each row."""

    rows: list[list[int]]
    ranked: list[Indices]
    tint: Levels
    lightest: Levels
    lighter: Levels
    common: Levels

    @classmethod
    def of(cls, tint: Levels, template: Template) -> "_Labels":
        groups: dict[str, list[int]] = {}
        for index, label in enumerate(template.labels):
            groups.setdefault(label, []).append(index)
        ranked = []
        for group in groups.values():
            same = np.array(group)
            ranked.append(same[np.argsort(tint[same], kind="stable")])
        halves = [tint[_half(same)] for same in ranked]
        return cls(
            [[choice.index for choice in row] for row in template.rows],
            ranked,
            tint,
            np.array([half[0] for half in halves]),
            np.array([half[len(half) // 3] for half in halves]),
            np.array([low(tint[same], _PRINT_PERCENTILE) for same in ranked]),
        )

    def clear(self) -> bool:
        """Whether every label is as light as its lightest, and as other labels."""
        enough = np.array([len(same) >= _LEAST_SAME_LABEL for same in self.ranked])
        return not (enough & (self._mostly_marked() | self._dark())).any()

    def usual(self) -> Telling:
        """All bubbles of a label show its print."""
        everywhere = np.arange(len(self.tint))
        return self._telling(
            Source(
                same,
                same if len(same) >= _LEAST_SAME_LABEL else everywhere,
                _PRINT_PERCENTILE,
            )
            for same in self.ranked
        )

    def looked_at(self, discs: Samples) -> Telling:
        """The lightest of a label, what even these differ in, or other labels show its print.

        `discs` (n, samples) is the darkness inside each bubble.
        """
        spread = np.array(
            [np.percentile(discs[_half(same)].std(axis=0), 90) for same in self.ranked]
        )
        restless = spread > _RESTLESS * np.percentile(spread, 25)
        dark, mostly = self._dark(), self._mostly_marked()
        everywhere = np.arange(len(self.tint))
        sources = []
        for label, same in enumerate(self.ranked):
            unmarked = same[self.tint[same] <= self.lightest[label] + MARKED]
            if (
                len(same) < _LEAST_SAME_LABEL
                or dark[label]
                or (mostly[label] and len(unmarked) < _LEAST_UNMARKED)
            ):
                sources.append(Source(same, everywhere, _PRINT_PERCENTILE))
            else:
                kept = unmarked if mostly[label] else same
                sources.append(Source(same, kept, 0 if restless[label] else _PRINT_PERCENTILE))
        return self._telling(sources, borrowed=True)

    def _mostly_marked(self) -> NDArray[np.bool_]:
        return np.asarray(self.common > self.lightest + MARKED)

    def _dark(self) -> NDArray[np.bool_]:
        least, deviations = _DARKER_LABEL
        usual = np.median(self.lighter)
        spread = float(np.median(np.abs(self.lighter - usual)))
        dark = self.lighter > usual + max(least, deviations * spread)
        return np.asarray(dark & ~self._answered() if dark.any() else dark)

    def _answered(self) -> NDArray[np.bool_]:
        """Whether most rows of a label have a mark, though not in it."""
        over, beside = self.tint.copy(), np.zeros_like(self.tint)
        for same, printed in zip(self.ranked, self.common, strict=True):
            over[same] -= printed
        for row in self.rows:
            ranked = np.sort(over[row])
            below = ranked[-2] if len(row) > 1 else -np.inf
            beside[row] = np.where(over[row] < ranked[-1], ranked[-1], below)
        return np.array([(beside[same] > MARKED).mean() >= _ANSWERED for same in self.ranked])

    def _telling(self, sources: Iterable[Source], *, borrowed: bool = False) -> Telling:
        kept = tuple(sources)
        lightest = np.empty_like(self.tint)
        from_others = np.zeros(len(self.tint), np.bool_)
        for source, light in zip(kept, self.lightest, strict=True):
            lightest[source.same] = light
            from_others[source.same] = borrowed and len(source.shown) == len(self.tint)
        return Telling(kept, lightest, from_others, np.zeros_like(self.tint))


def _half(ranked: Indices) -> Indices:
    """The lighter half of a label's bubbles without the very lightest."""
    return ranked[min(1, len(ranked) - 1) : 1 + max(2, len(ranked) // 2)]
