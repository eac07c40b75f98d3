"""How much a hand has written on a page of a video."""

import numpy as np

from analysis.handwriting.analyse import NO_MATCH, analyse_handwriting
from analysis.image import Image
from analysis.video.types import Level, Writing

WRITTEN = 0.5
"""Score from which a page counts as written on."""

_HALF_INK = 0.0075
"""Share of the picture in hand-like ink at which a page is as likely written on as not: print
seen through a video's compression is taken for up to that much (pages of the project's own
rendered videos; docs/video.md)."""

_HALF_TEMPLATE_INK = 0.001
"""The same where a blank page was subtracted and print no longer disturbs."""

_MEDIUM, _FULL = 0.013, 0.028
"""Shares of the picture in ink from which writing is called medium and full."""


def score_writing(picture: Image, blanks: tuple[Image, ...] = ()) -> Writing:
    """Score an upright BGR picture of a page; `blanks` are pictures of the pages unwritten.

    The first blank that matches is subtracted; where none does, the page is judged by shape.
    """
    found = None
    for blank in blanks:
        found = analyse_handwriting(picture, blank)
        if found.method == "template":
            break
    against = found is not None and found.note != NO_MATCH and found.method == "template"
    if found is None or not against:
        found = found if found is not None else analyse_handwriting(picture)
    half = _HALF_TEMPLATE_INK if against else _HALF_INK
    share = found.ink_ratio
    score = share / (share + half) if share > 0 else 0.0
    return Writing(
        score=round(score, 4),
        ink_ratio=round(share, 6),
        level=_level(score, share),
        confidence=round(abs(2 * score - 1), 4),
        against_template=against,
    )


def unread() -> Writing:
    """What is said of a page whose picture could not be judged."""
    return Writing(0.0, 0.0, "unknown", 0.0)


def mean_score(scores: list[float]) -> float:
    """Mean of the scores, 0.0 of none."""
    return round(float(np.mean(scores)), 4) if scores else 0.0


def _level(score: float, share: float) -> Level:
    if score < WRITTEN:
        return "none"
    if share < _MEDIUM:
        return "light"
    return "medium" if share < _FULL else "full"
