"""One sheet from picture to answers."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from analysis.image import Image
from analysis.omr.decision import Decision, Status, decide
from analysis.omr.ink import Grey, Ink, Probe
from analysis.omr.marks import Arms, SheetScale, sheet_scale
from analysis.omr.registration import Registration, register, working_copy
from analysis.omr.template import Template

_RED_MARK = 0.35
"""Share of the sheet's typical mark that red ink must reach to be a mark of its own."""

_COMMON_MARK = 0.3
"""Mean ink of a typical mark at most when a share of it is asked for: a pink pen's has 0.14 where a
broad black one's has 0.9."""

_GREYS = 0.012
"""Share of pixels that are neither nearly black nor nearly white on a 1-bit scan, at most: the rims
that JPEG leaves."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """The student's number; `raw` has `?` for digits nobody may trust."""

    value: str | None
    raw: str
    status: Status
    confidence: float
    digits: tuple[Decision, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet as read; no answers where `registration` is None or not accepted."""

    registration: Registration | None
    answers: tuple[Decision, ...]
    identifier: Identifier | None
    scale: SheetScale | None
    bilevel: bool

    @property
    def rejected(self) -> bool:
        """Whether the sheet could not be laid under its template with proof."""
        return self.registration is None or not self.registration.accepted


UNREAD = Sheet(None, (), None, None, bilevel=False)
"""A sheet not laid under any template."""


def read_sheet(image: Image, template: Template) -> Sheet:
    """Read a BGR picture of a sheet in any turn. Never answers from an unproven fit."""
    image, shrunk = working_copy(image)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    bilevel = is_bilevel(grey)
    found = register(grey, template)
    if found is None or not found.accepted:
        return Sheet(found and found.scaled(1 / shrunk), (), None, None, bilevel)
    probe = Probe.of(image, found, template)
    ink = probe.ink()
    scale = sheet_scale(ink, template)
    arms = Arms.of(ink, scale)
    coloured = probe.coloured(_RED_MARK * min(scale.area, _COMMON_MARK))
    answers = tuple(
        _told_of_colour(
            decide(
                question.choices,
                ink,
                arms,
                scale,
                found.visible,
                several=question.kind == "multi",
                bilevel=bilevel,
            ),
            [choice.label for choice in question.choices if coloured[choice.index]],
        )
        for question in template.questions
    )
    identifier = _identifier(template, ink, arms, scale, found)
    return Sheet(found.scaled(1 / shrunk), answers, identifier, scale, bilevel)


def _told_of_colour(read: Decision, coloured: list[str]) -> Decision:
    """Red ink is a teacher's and is not read; a bubble filled in red may be a student's answer."""
    if read.status not in (Status.OK, Status.BLANK) or not set(coloured) - set(read.detected):
        return read
    return replace(read, status=Status.LOW_CONFIDENCE, confidence=0.6, reason="red_mark")


def is_bilevel(grey: Grey) -> bool:
    """Whether a uint8 picture is a 1-bit scan: hardly any grey between ink and paper."""
    sample = grey[:: max(1, grey.shape[0] // 400), :: max(1, grey.shape[1] // 400)]
    counts = cv2.calcHist([np.ascontiguousarray(sample)], [0], None, [256], [0, 256])
    levels = np.asarray(counts) / sample.size
    between, white = levels[61:195].sum(), levels[251:].sum()
    return bool(between < _GREYS and white > 0.5)


def _identifier(
    template: Template, ink: Ink, arms: Arms, scale: SheetScale, found: Registration
) -> Identifier | None:
    if not template.digits:
        return None
    digits = tuple(
        decide(digit.choices, ink, arms, scale, found.visible) for digit in template.digits
    )
    raw = "".join(
        digit.detected[0] if digit.status is Status.OK and digit.detected else "?"
        for digit in digits
    )
    return Identifier(
        value=None if "?" in raw else raw,
        raw=raw,
        status=_together(digits),
        confidence=min(digit.confidence for digit in digits),
        digits=digits,
    )


def _together(digits: tuple[Decision, ...]) -> Status:
    statuses = {digit.status for digit in digits}
    if statuses == {Status.OK}:
        return Status.OK
    if statuses == {Status.BLANK}:
        return Status.BLANK
    return Status.ERROR if Status.ERROR in statuses else Status.AMBIGUOUS
