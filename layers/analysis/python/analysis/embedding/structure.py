"""How alike two problems are: what is asked, of what matter, with which formulas.

Small sentence models mostly measure shared words, so that two problems on one rectangle seem alike
whether its area or its perimeter is asked. Here the question is parted from its setting, numbers
are masked, and words of one meaning count as one; the model's cosine of the whole texts and of the
asked phrases alone is weighed in.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.embedding.wording import asked_of, concepts, formulas, plain, question

WEIGHTS = {
    "cosine": 0.92,
    "asked cosine": 1.89,
    "agreement": 1.17,
    "disagreement": -1.47,
    "asked words": 0.40,
    "matter": 1.79,
    "formula": 0.31,
    "formula in one": -1.41,
}
"""Fitted by `benchmarks.embedding_weights` on the tuning lines of its triplets."""

HALF_AGREEMENT = 0.75
"""Agreement where what one asks is mentioned in what the other asks; set by hand."""

_GRAM = 3


@dataclass(frozen=True, slots=True)
class Structure:
    """A problem taken apart; `asked` is never empty for a text that is not."""

    asked: str
    wanted: tuple[str, ...]
    matter: frozenset[str]
    formula: frozenset[str]


def structure_of(text: str) -> Structure:
    """Take a problem apart."""
    bare = plain(text)
    sentence = question(bare)
    asked = asked_of(sentence)
    return Structure(
        asked=asked or bare,
        wanted=tuple(concepts(asked) or concepts(sentence)[-1:]),
        matter=frozenset(concepts(bare)),
        formula=frozenset(gram for one in formulas(bare) for gram in _grams(one)),
    )


def features(
    one: Structure, other: Structure, cosine: float, asked_cosine: float
) -> NDArray[np.float64]:
    """What the score is made of, each 0-1, in the order of `WEIGHTS`.

    `asked_cosine` is the cosine of the two `asked` phrases; negative cosines count as 0.
    """
    agreement = _agreement(one, other)
    return np.array(
        [
            max(0.0, cosine),
            max(0.0, asked_cosine),
            max(0.0, agreement),
            max(0.0, -agreement),
            _overlap(frozenset(one.wanted), frozenset(other.wanted)),
            _overlap(one.matter, other.matter),
            _overlap(one.formula, other.formula),
            float(bool(one.formula) != bool(other.formula)),
        ]
    )


def likeness(one: Structure, other: Structure, cosine: float, asked_cosine: float) -> float:
    """Score 0-1 of two problems; no text is liker to a problem than the problem itself."""
    weights = np.array(list(WEIGHTS.values()))
    score = weights @ features(one, other, cosine, asked_cosine) / weights[weights > 0].sum()
    return float(np.clip(score, 0.0, 1.0))


def _agreement(one: Structure, other: Structure) -> float:
    """1 for the same quantity asked, -1 for another, 0 where it cannot be told."""
    if one.asked == other.asked:
        return 1.0
    if not one.wanted or not other.wanted:
        return 0.0
    if one.wanted[-1] == other.wanted[-1]:
        return 1.0
    mentioned = one.wanted[-1] in other.wanted or other.wanted[-1] in one.wanted
    return HALF_AGREEMENT if mentioned else -1.0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def _grams(formula: str) -> list[str]:
    return [formula[i : i + _GRAM] for i in range(max(1, len(formula) - _GRAM + 1))]
