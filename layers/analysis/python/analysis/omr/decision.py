"""From ink to answers: one joint decision for every question.

Blank is a claim like any other and is made strictly: unexplained ink in or near a bubble of an
otherwise blank question is a doubt, not a blank.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from analysis.omr.ink import Ink
from analysis.omr.marks import LIMITS, Arms, Bubble, Mark, SheetScale, bubbles_of
from analysis.omr.template import Choice


class Status(StrEnum):
    """How sure an answer is; all but ok and blank ask for a person's look."""

    OK = "ok"
    BLANK = "blank"
    AMBIGUOUS = "ambiguous"
    LOW_CONFIDENCE = "low_confidence"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of bubbles as read; `reason` is empty where nothing is in doubt."""

    detected: tuple[str, ...]
    status: Status
    confidence: float
    reason: str
    bubbles: tuple[Bubble, ...]


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
    bubbles = bubbles_of(choices, ink, arms, scale)
    read = _judge(bubbles, scale, several=several, bilevel=bilevel)
    if read.status is Status.BLANK:
        return _proven_blank(read, ink, [choice.index for choice in choices], scale)
    return _mark_of_its_own(_more_than_print(read, choices, ink, scale), choices, ink, arms, scale)


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
        if crossed and not bilevel and _plainly_struck(strong[0], bubbles):
            return answer(strong, Status.OK, 0.9, "")
        if crossed:
            return answer(strong, Status.LOW_CONFIDENCE, 0.7, "crossed_out")
        outsized = bilevel and strong[0].ink > LIMITS.outsized * scale.area
        if ticks or faint or rings or (outsized and of(Mark.ERASED)):
            return answer(strong, Status.LOW_CONFIDENCE, 0.7, "second_mark")
        if bilevel and not _solid(strong[0]):
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
        return _doubtful(bubbles, scale, "faint_mark", bilevel=bilevel)
    if bilevel:
        return _doubtful(bubbles, scale, "blank_on_bilevel_scan", bilevel=True)
    return answer([], Status.BLANK, 0.97, "")


def _plainly_struck(new: Bubble, bubbles: tuple[Bubble, ...]) -> bool:
    """Whether all but a new mark is plainly crossed out: filled as it is, and struck by a cross.

    A hasty filling runs over its bubble as well, but not on four sides that face each other.
    """
    others = [bubble for bubble in bubbles if bubble is not new and bubble.mark is not Mark.BLANK]
    return new.mark is Mark.FULL and all(
        bubble.mark is Mark.CROSSED and bubble.struck and bubble.ink >= LIMITS.struck_ink * new.ink
        for bubble in others
    )


def _solid(mark: Bubble) -> bool:
    return mark.mark is Mark.FULL or mark.dark >= LIMITS.solid


def _doubtful(
    bubbles: tuple[Bubble, ...], scale: SheetScale, unmarked: str, *, bilevel: bool
) -> Decision:
    """Pale ink or ink around a bubble and nothing else: a guess, unless it is a plain pale mark.

    `unmarked` is the reason where nothing is the likeliest answer.
    """
    inside = _alone(bubbles, [bubble.ink for bubble in bubbles])
    around = _alone(bubbles, [bubble.ring * bubble.touched for bubble in bubbles])
    pale = inside is not None and (
        inside.dark >= LIMITS.faint_guess * scale.dark
        or (bilevel and inside.ink >= LIMITS.rest_guess * scale.area)
    )
    if inside is not None and not bilevel and _plainly_pale(inside, bubbles, scale):
        return Decision((inside.label,), Status.OK, 0.9, "", bubbles)
    if inside is not None and pale and inside.mark is not Mark.RING:
        return Decision((inside.label,), Status.LOW_CONFIDENCE, 0.5, "faint_mark", bubbles)
    if around is not None and around.touched >= LIMITS.touched:
        found = (around.label,) if around.touched >= LIMITS.circled else ()
        return Decision(found, Status.LOW_CONFIDENCE, 0.6, "ringed", bubbles)
    return Decision((), Status.LOW_CONFIDENCE, 0.5, unmarked, bubbles)


def _plainly_pale(mark: Bubble, bubbles: tuple[Bubble, ...], scale: SheetScale) -> bool:
    """Whether a light pencil made a lone mark: half again as dark as the darkest erasure, or as
    dark as that and nothing dragged over the bubble's rim.

    On a sheet whose own marks are pale, what is paler yet may be the rest of one rubbed out.
    """
    others = [bubble for bubble in bubbles if bubble is not mark]
    dark, area = mark.dark / scale.dark, mark.ink / scale.area
    smear = mark.ring / max(mark.ink, 1e-6)
    rubbed = smear > LIMITS.pale_smeared and not mark.arms
    return (
        mark.mark is Mark.FAINT
        and scale.dark >= LIMITS.pale_beside
        and (
            (not rubbed and dark >= LIMITS.pale_dark and area >= LIMITS.pale_area)
            or (smear <= LIMITS.smeared and dark >= LIMITS.clean_dark and area >= LIMITS.clean_area)
        )
        and mark.ring <= LIMITS.pale_around * scale.dark
        and all(bubble.mark in (Mark.BLANK, Mark.FAINT) for bubble in others)
        and all(bubble.ink <= LIMITS.pale_rival * mark.ink for bubble in others)
    )


def _more_than_print(
    read: Decision, choices: tuple[Choice, ...], ink: Ink, scale: SheetScale
) -> Decision:
    """An answer is a doubt where its bubble's ink may be print that was not told as such."""
    taken = [choice.index for choice in choices if choice.label in read.detected]
    suspect = ink.suspect[taken]
    pen = ink.area[taken] - suspect
    if read.status is not Status.OK or not (pen < LIMITS.partial * scale.area)[suspect > 0].any():
        return read
    return replace(read, status=Status.LOW_CONFIDENCE, confidence=0.5, reason="faint_mark")


def _mark_of_its_own(
    read: Decision, choices: tuple[Choice, ...], ink: Ink, arms: Arms, scale: SheetScale
) -> Decision:
    """An answer is a doubt where its ink is none of a mark in a bubble.

    Writing, a line over several rows and a shadow's edge run on beyond it. Part of a mark, or a
    pale one, on an outline that is gone is what tape, whitener or an eraser left; on a sheet that
    another page shows through it may be that page's. A printed line that passes beside is neither.
    """
    if read.status is not Status.OK:
        return read
    taken = [choice.index for choice in choices if choice.label in read.detected]
    part = np.array([b.mark is not Mark.FULL for b in read.bubbles if b.label in read.detected])
    line_beside = arms.beside[taken] & (arms.runs[taken] == LIMITS.ends_of_line)
    runs_on = (arms.ring[taken] > LIMITS.runs_on * ink.area[taken]) & ~line_beside
    left = (ink.gone[taken] > LIMITS.lifted) & (ink.area[taken] < LIMITS.whole * scale.area)
    if not (runs_on | left | (part & (arms.through[taken] | scale.ghosts))).any():
        return read
    reason = "runs_on" if (runs_on | arms.through[taken]).any() else "faint_mark"
    return replace(read, status=Status.LOW_CONFIDENCE, confidence=0.6, reason=reason)


def _proven_blank(read: Decision, ink: Ink, row: list[int], scale: SheetScale) -> Decision:
    """A row read as blank is a doubt where one bubble is a little darker than the others.

    So it is where a bubble is darker than the lightest of its label, or where that label's print
    had to be told from other labels: a pale mark may have been taken for print. And so it is where
    a bubble's outline is gone, as something may lie on a mark, and where a mark stands beside one.
    """
    if ink.gone[row].max() >= LIMITS.covered:
        return replace(read, status=Status.LOW_CONFIDENCE, confidence=0.5, reason="covered")
    if ink.even and (ink.around[row] > LIMITS.arm * scale.dark).any():
        return replace(read, status=Status.LOW_CONFIDENCE, confidence=0.5, reason="ink_beside")
    tint = ink.tint[row]
    top = int(tint.argmax())
    others = np.delete(tint, top)
    ahead = float(tint[top] - np.median(others)) / scale.area if len(others) else 0.0
    dark = ink.over[row].max() >= scale.over
    inked = np.sort(ink.area[row])
    alone = inked[-1] - np.median(inked[:-1]) if len(row) > 1 else inked[-1]
    spot = alone > max(LIMITS.blank_floor, LIMITS.quiet * scale.area)
    if ahead < LIMITS.tinted and not (dark or spot) and not ink.borrowed[row].any():
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
