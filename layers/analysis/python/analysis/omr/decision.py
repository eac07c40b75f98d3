"""From ink to answers: every bubble gets a class, every question one joint decision.

Two features decide, both relative to this sheet's own typical mark: how much of the disc is
inked, and how dark. Full is much and dark; tick, slash and dot are little and dark; an erasure is
little and pale. Blank is a claim like any other and is made strictly: unexplained ink in or near
a bubble of an otherwise blank question is a doubt, not a blank.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from analysis.omr.ink import Ink
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


class Status(StrEnum):
    """How sure an answer is; all but ok and blank ask for a person's look."""

    OK = "ok"
    BLANK = "blank"
    AMBIGUOUS = "ambiguous"
    LOW_CONFIDENCE = "low_confidence"
    ERROR = "error"


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
    rival: float = 0.5
    """Share of the strongest doubtful mark from which another is its rival."""
    solid: float = 0.9
    solid_area: float = 0.3
    """On a 1-bit scan: darkness and area of a part that is no eraser's residue."""
    erased: float = 0.35
    arm: float = 0.22
    """Ink of a direction around a bubble, over the sheet's dark mark, that counts as an arm."""
    one_side: int = 4
    """Directions, of 16, that hold all arms where a line passes beside a bubble; the arms of a
    cross stand a quarter turn apart and need 5."""
    ring: float = 0.6
    """Share of all directions that are arms where a bubble is ringed."""
    overflow: float = 2.5
    """Ink around a bubble, over what this sheet's marks run over theirs, that crosses it out."""
    trace: float = 0.1
    traced: float = 0.4
    touched: float = 0.18
    """Ink around a bubble, over the dark mark, and the share of directions that have it, from
    which the bubble is no longer blank; and the share from which its row is not."""
    blank_floor: float = 0.004
    """Mean ink; blank bubbles of scans lie below 0.006 (99 %), most below 0.002."""
    blank_middle: float = 0.004
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
    """One choice as seen; `ink`, `dark`, `ring` and `touched` (directions inked) are 0-1."""

    label: str
    mark: Mark
    ink: float
    dark: float
    ring: float
    touched: float = 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of bubbles as read; `reason` is empty where nothing is in doubt."""

    detected: tuple[str, ...]
    status: Status
    confidence: float
    reason: str
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True, slots=True)
class SheetScale:
    """This sheet's typical mark, the ink below which a bubble counts as blank, and how much of a
    mark usually runs over its bubble."""

    area: float
    dark: float
    blank: float
    overflow: float = 0.0


def sheet_scale(ink: Ink, template: Template) -> SheetScale:
    """Learn from all rows what a mark and a blank bubble look like on this sheet."""
    rows = [question.choices for question in template.questions]
    rows += [digit.choices for digit in template.digits]
    tops, seconds, ranks = [], [], []
    for row in rows:
        index = np.array([choice.index for choice in row])
        order = index[np.argsort(-ink.area[index])]
        tops.append(order[0])
        ranks += list(order[1:])
        seconds += list(order[2:])
    rest = ink.area[np.array(seconds or ranks or tops)]
    blank = max(LIMITS.blank_floor, LIMITS.noise_factor * float(np.percentile(rest, 90)))
    marked = np.array([top for top in tops if ink.area[top] > 3 * blank])
    if len(marked) < 3:
        return SheetScale(LIMITS.default_area, LIMITS.default_dark, blank)
    strong = marked[ink.area[marked] >= np.median(ink.area[marked]) * 0.6]
    return SheetScale(
        float(np.median(ink.area[strong])),
        float(np.median(ink.dark[strong])),
        blank,
        float(np.median(ink.around[strong].mean(axis=1))),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Ink that leaves a bubble, each (n,): `runs` of inked directions beyond it, `beside` whether
    all lie to one side, `ring` its mean ink there; `share` of the directions that are inked at its
    rim, `trace` of those faintly so."""

    runs: NDArray[np.intp]
    beside: NDArray[np.bool_]
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
        return cls(
            (inked & ~np.roll(inked, 1, axis=1)).sum(axis=1),
            empty.any(axis=1),
            ink.around.mean(axis=1),
            (rim > LIMITS.arm).mean(axis=1),
            (rim > LIMITS.trace).mean(axis=1),
        )


def decide(
    choices: tuple[Choice, ...],
    ink: Ink,
    arms: Arms,
    scale: SheetScale,
    visible: NDArray[np.bool_],
    *,
    several: bool = False,
    bilevel: bool = False,
) -> Decision:
    """Read one row; `several` allows more than one mark, `bilevel` says light marks are lost."""
    if not all(visible[choice.index] for choice in choices):
        unseen = tuple(Bubble(choice.label, Mark.BLANK, 0.0, 0.0, 0.0) for choice in choices)
        return Decision((), Status.ERROR, 0.0, "outside_picture", unseen)
    bubbles = _settled(_row(choices, ink, arms, scale))
    read = _judge(bubbles, scale, several=several, bilevel=bilevel)
    if read.status is Status.BLANK:
        return _proven_blank(read, ink, [choice.index for choice in choices], scale)
    return read


def _row(
    choices: tuple[Choice, ...], ink: Ink, arms: Arms, scale: SheetScale
) -> tuple[Bubble, ...]:
    row = [choice.index for choice in choices]
    framed = 2 * int((arms.runs[row] == 2).sum()) > len(row)
    return tuple(
        Bubble(
            choice.label,
            _mark(choice.index, ink, arms, scale, framed=framed),
            float(ink.area[choice.index]),
            float(ink.dark[choice.index]),
            float(arms.ring[choice.index]),
            float(arms.trace[choice.index]),
        )
        for choice in choices
    )


def _mark(index: int, ink: Ink, arms: Arms, scale: SheetScale, *, framed: bool) -> Mark:
    """Class of one bubble; `framed` says that a printed line passes the whole row."""
    area, dark = float(ink.area[index]), float(ink.dark[index])
    much, deep = area / scale.area, dark / scale.dark
    ringed = arms.share[index] >= LIMITS.ring
    if area <= scale.blank and ink.middle[index] <= LIMITS.blank_middle:
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


def _judge(
    bubbles: tuple[Bubble, ...], scale: SheetScale, *, several: bool, bilevel: bool
) -> Decision:
    def of(*marks: Mark) -> list[Bubble]:
        return [bubble for bubble in bubbles if bubble.mark in marks]

    def answer(found: list[Bubble], status: Status, confidence: float, reason: str) -> Decision:
        labels = tuple(bubble.label for bubble in found)
        return Decision(labels, status, round(confidence, 3), reason, bubbles)

    strong, ticks, crossed = of(Mark.FULL, Mark.PARTIAL), of(Mark.TICK), of(Mark.CROSSED)
    faint, rings = of(Mark.FAINT), of(Mark.RING)
    if len(strong) > 1 or (len(strong) + len(ticks) > 1 and not strong):
        found = strong or ticks
        if several and not (crossed or faint or rings):
            return answer(found, Status.OK, _margin(found, bubbles, scale), "")
        return answer(found, Status.AMBIGUOUS, 0.5, "several_marks")
    if strong:
        if crossed:
            return answer(strong, Status.LOW_CONFIDENCE, 0.7, "crossed_out")
        if ticks or faint or rings:
            return answer(strong, Status.LOW_CONFIDENCE, 0.7, "second_mark")
        if bilevel and not _solid(strong[0], scale):
            return answer(strong, Status.LOW_CONFIDENCE, 0.7, "partly_filled")
        return answer(strong, Status.OK, _margin(strong, bubbles, scale), "")
    if ticks:
        tick = ticks[0]
        dark = tick.dark >= LIMITS.sure_tick * scale.dark
        if dark and tick.ink >= LIMITS.tick_area * scale.area and not (crossed or faint or rings):
            return answer(ticks, Status.OK, 0.9, "")
        return answer(ticks, Status.LOW_CONFIDENCE, 0.6, "small_mark")
    if crossed:
        status = Status.LOW_CONFIDENCE if len(crossed) == 1 else Status.AMBIGUOUS
        return answer(crossed, status, 0.5, "crossed_out")
    touched = [bubble for bubble in bubbles if bubble.touched >= LIMITS.touched]
    if rings or faint or touched:
        return _doubtful(bubbles, scale, bilevel=bilevel)
    if bilevel:
        return answer([], Status.LOW_CONFIDENCE, 0.6, "blank_on_bilevel_scan")
    return answer([], Status.BLANK, 0.97, "")


def _solid(mark: Bubble, scale: SheetScale) -> bool:
    return mark.mark is Mark.FULL or (
        mark.dark >= LIMITS.solid and mark.ink >= LIMITS.solid_area * scale.area
    )


def _doubtful(bubbles: tuple[Bubble, ...], scale: SheetScale, *, bilevel: bool) -> Decision:
    """Pale ink or ink around a bubble and nothing else: a guess, never an answer."""
    inside = _alone(bubbles, [bubble.ink for bubble in bubbles])
    around = _alone(bubbles, [bubble.ring * bubble.touched for bubble in bubbles])
    pale = inside is not None and (
        inside.dark >= LIMITS.faint_guess * scale.dark or (bilevel and inside.ink > scale.blank)
    )
    if inside is not None and pale and inside.mark is not Mark.RING:
        return Decision((inside.label,), Status.LOW_CONFIDENCE, 0.5, "faint_mark", bubbles)
    if around is not None and around.touched >= LIMITS.touched:
        return Decision((around.label,), Status.LOW_CONFIDENCE, 0.6, "ringed", bubbles)
    return Decision((), Status.LOW_CONFIDENCE, 0.5, "faint_mark", bubbles)


def _proven_blank(read: Decision, ink: Ink, row: list[int], scale: SheetScale) -> Decision:
    """A row read as blank is a doubt where one bubble is a little darker than the others.

    So it is where a bubble is darker than the lightest of its label, or where that label's print
    had to be told from other labels: a pale mark may have been taken for print.
    """
    tint = ink.tint[row]
    top = int(tint.argmax())
    others = np.delete(tint, top)
    ahead = float(tint[top] - np.median(others)) / scale.area if len(others) else 0.0
    dark = ink.over[row].max() >= LIMITS.darker
    if ahead < LIMITS.tinted and not dark and not ink.borrowed[row].any():
        return read
    return replace(
        read,
        detected=(read.bubbles[top].label,) if ahead >= LIMITS.tint_guess else (),
        status=Status.LOW_CONFIDENCE,
        confidence=0.5,
        reason="faint_mark",
    )


def _alone(bubbles: tuple[Bubble, ...], strengths: list[float]) -> Bubble | None:
    """The strongest bubble, where no other comes near it."""
    order = np.argsort(strengths)[::-1]
    top, second = strengths[order[0]], strengths[order[1]] if len(order) > 1 else 0.0
    return bubbles[order[0]] if second < LIMITS.rival * top else None


def _margin(found: list[Bubble], bubbles: tuple[Bubble, ...], scale: SheetScale) -> float:
    """Confidence from the distance between the weakest mark taken and the strongest left out."""
    others = max((b.ink for b in bubbles if b not in found), default=0.0)
    gap = (min(b.ink for b in found) - others) / scale.area
    return float(np.clip(0.88 + 0.12 * gap, 0.5, 0.999))
