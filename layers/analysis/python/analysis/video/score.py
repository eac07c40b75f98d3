"""How much a hand has written on a page of a video."""

import numpy as np

from analysis.handwriting.analyse import analyse_handwriting
from analysis.handwriting.strokes import read_pieces
from analysis.image import Image
from analysis.small_net import load_net
from analysis.video.types import Level, Writing

WRITTEN = 0.5
"""Score from which a page counts as written on."""

_HALF_INK = 0.003
"""Share of the picture in sure handwriting at which a page is as likely written on as not: of
print that a video has blurred, some is always taken for a hand's. Set on 65 pages of six films
(the development films and two rendered ones); docs/video.md has the figures of other films."""

_HALF_TEMPLATE_INK = 0.001
"""The same where a blank page was subtracted and print no longer disturbs."""

_MEDIUM, _FULL = 0.0095, 0.022
"""Shares of the picture in ink from which writing is called medium and full."""

_SURENESS = 4
"""Power of certainty: a piece of ink the classifier wavers on counts for little."""

_RED = 0.22
"""Redness (0-1) of a teacher's pen, left out as in `analysis.handwriting`."""


def score_writing(picture: Image, blanks: tuple[Image, ...] = ()) -> Writing:
    """Score an upright BGR picture of a page; `blanks` are pictures of the pages unwritten.

    The first blank that matches is subtracted; where none does, the page is judged by shape.
    """
    for blank in blanks:
        found = analyse_handwriting(picture, blank)
        if found.method == "template":
            return _writing(found.ink_ratio, _HALF_TEMPLATE_INK, against_template=True)
    return _writing(_sure_ink(picture), _HALF_INK, against_template=False)


def _sure_ink(picture: Image) -> float:
    """Share of the page in a student's ink, each piece weighted by how sure it is a hand's."""
    pieces = read_pieces(picture)
    if pieces is None:
        return 0.0
    hand = load_net("video_handwriting").probabilities(pieces.features)[:, 1]
    weight = np.clip(2 * hand - 1, 0, 1) ** _SURENESS * (pieces.redness <= _RED)
    return float((pieces.areas * weight).sum()) / pieces.labels.size


def _writing(share: float, half: float, *, against_template: bool) -> Writing:
    score = share / (share + half)
    return Writing(
        score=round(score, 4),
        ink_ratio=round(share, 6),
        level=_level(score, share),
        confidence=round(abs(2 * score - 1), 4),
        against_template=against_template,
    )


def unread() -> Writing:
    """What is said of a page whose picture could not be judged."""
    return Writing(0.0, 0.0, "unknown", 0.0)


def _level(score: float, share: float) -> Level:
    if score < WRITTEN:
        return "none"
    if share < _MEDIUM:
        return "light"
    return "medium" if share < _FULL else "full"
