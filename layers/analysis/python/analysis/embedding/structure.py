"""How alike two problems are: what they say, what they ask, and whether that is the same.

Small sentence models mostly measure shared words, so that two problems on one rectangle seem alike
whether its area or its perimeter is asked. Here the question is parted from its setting, numbers
are masked, and words of one meaning count as one; the model's cosine of the whole texts and of
their gists is weighed in.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.embedding.vocabulary import concepts
from analysis.embedding.wording import asked_of, plain, question

WEIGHTS = {"cosine": 1.00, "gist cosine": 1.60, "agreement": 1.92}
"""Fitted by `benchmarks.embedding_weights` on texts written after most of the list of words."""

HALF_AGREEMENT = 0.75
"""Agreement where what one asks is mentioned in what the other asks; set by hand."""


@dataclass(frozen=True, slots=True)
class Structure:
    """A problem taken apart; neither `asked` nor `gist` is empty for a text that is not.

    `gist` is what is asked followed by the known words of the whole text; `wanted` the known words
    of what is asked, the quantity itself last.
    """

    asked: str
    gist: str
    wanted: tuple[str, ...]


def structure_of(text: str) -> Structure:
    """Take a problem apart."""
    bare = plain(text)
    sentence = question(bare)
    asked = asked_of(sentence) or bare
    return Structure(
        asked=asked,
        gist=" ".join([asked, *concepts(bare)]),
        wanted=tuple(concepts(asked) or concepts(sentence)[-1:]),
    )


def features(
    one: Structure, other: Structure, cosine: float, gist_cosine: float
) -> NDArray[np.float64]:
    """What the score is made of, each 0-1, in the order of `WEIGHTS`.

    `gist_cosine` is the cosine of the two `gist`s; negative cosines count as 0.
    """
    return np.array([max(0.0, cosine), max(0.0, gist_cosine), _agreement(one, other)])


def likeness(one: Structure, other: Structure, cosine: float, gist_cosine: float) -> float:
    """Score 0-1 of two problems; no text is liker to a problem than the problem itself."""
    weights = np.array(list(WEIGHTS.values()))
    score = weights @ features(one, other, cosine, gist_cosine) / weights.sum()
    return float(np.clip(score, 0.0, 1.0))


def _agreement(one: Structure, other: Structure) -> float:
    """1 for the same quantity asked, 0 for another or where it cannot be told."""
    if one.asked == other.asked:
        return 1.0
    if not one.wanted or not other.wanted:
        return 0.0
    if one.wanted[-1] == other.wanted[-1]:
        return 1.0
    mentioned = one.wanted[-1] in other.wanted or other.wanted[-1] in one.wanted
    return HALF_AGREEMENT if mentioned else 0.0
