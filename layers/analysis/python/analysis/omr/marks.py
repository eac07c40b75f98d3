"""What is in each bubble: a class, told by how much of it is inked and how dark.

Both are relative to this sheet's own typical mark. Full is much and dark; tick, slash and dot are
little and dark; an erasure is little and pale.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from analysis.omr.ink import Ink, Levels
from analysis.omr.template import Choice, Template

Floats = NDArray[np.float64]


class Mark(StrEnum):
    """What is in a bubble."""

    FULL = "full"
    PARTIAL = "partial"
    TICK = "tick"
    FAINT = "faint"
    ERASED = "erased"
    CROSSED = "crossed"
    RING = "ring"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares of the sheet's typical mark, tuned on rendered sheets of the tuning seeds."""

    full: float = 0.5
    partial: float = 0.22
    dark: float = 0.6
    sure_tick: float = 0.66
    tick_area: float = 0.06
    faint_guess: float = 0.115
    """Darkness from which a lone faint mark is the likely answer; below lie erasures."""
    rest_guess: float = 0.15
    """Area from which what a 1-bit scan left of a lone mark is the likely answer."""
    pale_dark: float = 0.26
    pale_area: float = 0.1
    """Darkness and area from which a lone faint mark is an answer. Of 34 erasures on sheets of two
    generators the darkest had 0.143, the largest 0.075."""
    pale_beside: float = 0.3
    """Darkness of a sheet's typical mark from which a paler one is told from an erasure; a light
    pencil's has 0.2, and noise and print a hair off are then half of that."""
    pale_around: float = 0.09
    pale_smeared: float = 0.25
    pale_rival: float = 0.2
    """Of such a mark at most: ink around its bubble over the dark mark, and over the ink inside if
    no stroke runs on; share of it that any other bubble of the row has."""
    clean_dark: float = 0.19
    clean_area: float = 0.05
    smeared: float = 0.1
    """Darkness and area that suffice where ink around the bubble is at most this share of what is
    inside: an eraser drags what it rubs off over the rim. Of 882 erasures of two generators 13 were
    as dark, of which the cleanest had 0.126; most light pencil marks are cleaner."""
    rival: float = 0.5
    """Share of the strongest doubtful mark from which another is its rival."""
    solid: float = 0.9
    """On a 1-bit scan: darkness of a part that is no eraser's residue; of 50 residues the darkest
    had 0.03."""
    outsized: float = 3.0
    """On a 1-bit scan: ink over the sheet's typical mark from which the others are mostly lost, so
    that a rest beside it may be one of them."""
    erased: float = 0.35
    arm: float = 0.22
    """Ink of a direction around a bubble, over the sheet's dark mark, that counts as an arm."""
    one_side: int = 4
    """Directions, of 16, that hold all arms where a line passes beside a bubble; the arms of a
    cross stand a quarter turn apart and need 5."""
    ends_of_line: int = 2
    arms_of_cross: int = 4
    between_arms: float = 0.08
    """Ink at the rim between the arms of a cross, over the dark mark, at most: of 213 crosses drawn
    through a filled bubble 151 have as little, of 8 fillings whose strokes run over on four sides
    none."""
    ring: float = 0.6
    """Share of all directions that are arms where a bubble is ringed."""
    overflow: float = 2.5
    """Ink around a bubble, over what this sheet's marks run over theirs, that crosses it out."""
    struck_ink: float = 0.9
    """Ink of a bubble that is filled and crossed out over that of a new mark, at least; of 300 the
    least had 0.93."""
    runs_on: float = 0.55
    """Ink around a bubble over the ink inside from which it is no mark of its own but a line of
    writing, a shadow's edge or a mark between two bubbles; a tick's arm has 0.5 at most."""
    line: float = 0.12
    """Ink of a direction around a bubble, over the dark mark, that a line through it reaches."""
    whole: float = 0.8
    lifted: float = 0.1
    covered: float = 0.25
    """Share of a bubble's outline that is gone from which a mark of less ink than a `whole` typical
    one is what tape, whitener or an eraser left, and from which something may hide a mark. Marks
    have 0.04 at most, blank bubbles 0.2."""
    ghosts: tuple[int, float] = (4, 0.2)
    """Rows, and share of the marked rows, that have a second, paler mark from which the sheet's
    back or another sheet shows through."""
    trace: float = 0.1
    traced: float = 0.4
    touched: float = 0.18
    """Ink around a bubble, over the dark mark, and the share of directions that have it, from
    which the bubble is no longer blank; and the share from which its row is not."""
    circled: float = 0.3
    """Share of directions inked from which a bubble is the likely answer; a line beside it has a
    quarter."""
    blank_floor: float = 0.004
    """Mean ink; blank bubbles of scans lie below 0.006 (99 %), most below 0.002."""
    blank_middle: float = 0.004
    quiet: float = 0.025
    """Ink over the typical mark's below which nothing is there, and that a blank row's most inked
    bubble may have over the others; the palest marks have 0.047, an eraser's rest 0.02."""
    tinted: float = 0.15
    tint_guess: float = 0.2
    """Tint over the rest of its row, over the typical mark's ink, from which a bubble is not
    blank, and from which it is the likely answer. Unmarked rows lie below 0.1 but for hard photos,
    pale pencil above 0.12, what an eraser left up to 0.2."""
    darker: float = 0.04
    """Mean darkness over the second lightest of its label from which a bubble is not blank."""
    noise_factor: float = 1.8
    default_area: float = 0.25
    default_dark: float = 0.5
    """A typical mark where a sheet has none to learn from."""


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Bubble:
    """One choice as seen; `ink`, `dark`, `ring` and `touched` (directions inked) are 0-1; `struck`
    says that two strokes cross in it and run on beyond it on all four sides, `arms` in how
    many runs of directions ink goes on beyond it."""

    label: str
    mark: Mark
    ink: float
    dark: float
    ring: float
    touched: float = 0.0
    struck: bool = False
    arms: int = 0


@dataclass(frozen=True, slots=True)
class SheetScale:
    """This sheet's typical mark, and how much of it usually runs over its bubble; the ink inside a
    bubble, in its `middle` and at its rim (`trace`), and the darkness over its label's (`over`),
    below which it counts as blank; `ghosts` says that marks of another page show through."""

    area: float
    dark: float
    blank: float
    middle: float
    trace: float
    over: float
    overflow: float = 0.0
    ghosts: bool = False


def sheet_scale(ink: Ink, template: Template) -> SheetScale:
    """Learn from all rows what a mark and a blank bubble look like on this sheet."""
    tops, rivals, seconds, ranks = [], [], [], []
    for row in template.rows:
        index = np.array([choice.index for choice in row])
        order = index[np.argsort(-ink.area[index])]
        tops.append(order[0])
        rivals.append(order[min(1, len(order) - 1)])
        ranks += list(order[1:])
        seconds += list(order[2:])
    rest = np.array(seconds or ranks or tops)

    def noise(levels: Levels) -> float:
        return LIMITS.noise_factor * float(np.percentile(levels[rest], 90))

    blank = max(LIMITS.blank_floor, noise(ink.area))
    marked = np.array([top for top in tops if ink.area[top] > 3 * blank])
    strong = marked[ink.area[marked] >= np.median(ink.area[marked]) * 0.6] if len(marked) else []
    known = len(marked) >= 3
    area = float(np.median(ink.area[strong])) if known else LIMITS.default_area
    dark = float(np.median(ink.dark[strong])) if known else LIMITS.default_dark
    return SheetScale(
        area,
        dark,
        max(blank, LIMITS.quiet * area),
        max(LIMITS.blank_middle, noise(ink.middle), LIMITS.quiet * area),
        min(LIMITS.arm * dark, max(LIMITS.trace * dark, noise(ink.rim))),
        max(LIMITS.darker, noise(ink.over)),
        float(np.median(ink.around[strong].mean(axis=1))) if known else 0.0,
        _shows_through(ink, np.array(tops), np.array(rivals), area, dark),
    )


def _shows_through(
    ink: Ink, tops: NDArray[np.intp], rivals: NDArray[np.intp], area: float, dark: float
) -> bool:
    """Whether many marked rows have a second, pale mark, `tops` and `rivals` each (rows,)."""
    marked = (ink.area[tops] >= LIMITS.full * area) & (tops != rivals)
    level = ink.dark[rivals] / dark
    pale = (level >= LIMITS.clean_dark) & (level < LIMITS.dark)
    second = pale & (ink.area[rivals] >= LIMITS.clean_area * area)
    least, share = LIMITS.ghosts
    return bool((marked & second).sum() >= max(least, share * marked.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Ink that leaves a bubble, each (n,): `runs` of inked directions beyond it, `beside` whether
    all lie to one side, `through` whether two face each other, `struck` whether they are the four
    arms of a cross, `ring` its mean ink there; `share` of the directions that are inked at its rim,
    `trace` of those faintly so."""

    runs: NDArray[np.intp]
    beside: NDArray[np.bool_]
    through: NDArray[np.bool_]
    struck: NDArray[np.bool_]
    ring: Floats
    share: Floats
    trace: Floats

    @classmethod
    def of(cls, ink: Ink, scale: SheetScale) -> "Arms":
        """Look around all bubbles of a sheet at once."""
        inked = ink.around > LIMITS.arm * scale.dark
        rim = ink.rim / scale.dark
        rest = inked.shape[1] - LIMITS.one_side
        empty = ~np.any([np.roll(inked, way, axis=1) for way in range(rest)], axis=0)
        runs, faced = _runs(inked), _faced(inked)
        between = np.where(inked, 0.0, rim).sum(axis=1) / np.maximum(1, (~inked).sum(axis=1))
        four = (runs == LIMITS.arms_of_cross) & (faced | ~inked).all(axis=1)
        return cls(
            runs,
            empty.any(axis=1),
            _through(ink.around > LIMITS.line * scale.dark),
            four & (between <= LIMITS.between_arms),
            ink.around.mean(axis=1),
            (rim > LIMITS.arm).mean(axis=1),
            (ink.rim > scale.trace).mean(axis=1),
        )


def _runs(inked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """How many runs of directions (n, SECTORS) are inked."""
    return np.asarray((inked & ~np.roll(inked, 1, axis=1)).sum(axis=1))


def _faced(inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which directions (n, SECTORS) face an inked one, or one next to it."""
    opposite = inked.shape[1] // 2
    near = [np.roll(inked, opposite + way, axis=1) for way in (-1, 0, 1)]
    return np.asarray(np.any(near, axis=0), np.bool_)


def _through(inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether just two runs of directions are inked, and face each other."""
    facing = (inked & _faced(inked)).any(axis=1)
    return np.asarray((_runs(inked) == LIMITS.ends_of_line) & facing, np.bool_)


def bubbles_of(
    choices: tuple[Choice, ...], ink: Ink, arms: Arms, scale: SheetScale
) -> tuple[Bubble, ...]:
    """Class every bubble of a row."""
    row = [choice.index for choice in choices]
    framed = 2 * int((arms.runs[row] == 2).sum()) > len(row)
    seen = tuple(
        Bubble(
            choice.label,
            _mark(choice.index, ink, arms, scale, framed=framed),
            float(ink.area[choice.index]),
            float(ink.dark[choice.index]),
            float(arms.ring[choice.index]),
            float(arms.trace[choice.index]),
            bool(arms.struck[choice.index]),
            int(arms.runs[choice.index]),
        )
        for choice in choices
    )
    return _settled(seen)


def _mark(index: int, ink: Ink, arms: Arms, scale: SheetScale, *, framed: bool) -> Mark:
    """Class of one bubble; `framed` says that a printed line passes the whole row."""
    area, dark = float(ink.area[index]), float(ink.dark[index])
    much, deep = area / scale.area, dark / scale.dark
    ringed = arms.share[index] >= LIMITS.ring
    if area <= scale.blank and ink.middle[index] <= scale.middle:
        if ringed:
            return Mark.RING
        return Mark.FAINT if arms.trace[index] >= LIMITS.traced else Mark.BLANK
    beyond = arms.ring[index] > LIMITS.overflow * scale.overflow
    runs = arms.runs[index]
    line = framed or arms.beside[index]
    if much >= LIMITS.full and beyond and (runs >= 3 or (runs == 2 and not line)):
        return Mark.CROSSED
    if deep >= LIMITS.dark:
        if much >= LIMITS.full:
            return Mark.FULL
        return Mark.PARTIAL if much >= LIMITS.partial else Mark.TICK
    if much >= LIMITS.full and deep >= 0.75 * LIMITS.dark:
        return Mark.PARTIAL
    return Mark.RING if ringed else Mark.FAINT


def _settled(bubbles: tuple[Bubble, ...]) -> tuple[Bubble, ...]:
    """A pale rest beside a strong mark is what an eraser left."""
    top = max((b.ink for b in bubbles if b.mark in (Mark.FULL, Mark.PARTIAL)), default=0.0)
    return tuple(
        replace(b, mark=Mark.ERASED) if b.mark is Mark.FAINT and b.ink < LIMITS.erased * top else b
        for b in bubbles
    )
