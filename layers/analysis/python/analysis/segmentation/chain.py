"""The best ascending chain of number tokens down the columns of a page.

A page is full of small numbers: sub-questions, table cells, choices, years. Question numbers are
the ones that rise by one from top to bottom, stand on one edge and are set alike; a dynamic
programme over all readings finds the chain in which that holds best.
"""

from dataclasses import dataclass

from analysis.segmentation.numbers import Form, Token

_MAX_STEP = 12
"""Numbers that may be missing between two tokens; more is another list."""

_LONE_SCORE = 1.6
"""Score a single token needs: it has no neighbour to vouch for it."""


@dataclass(frozen=True, slots=True)
class _Place:
    token: Token
    indent: float


def best_chain(tokens: list[Token], lefts: list[float], glyph: float) -> list[Token]:
    """Choose question and passage tokens; `lefts` are the columns' left edges in px.

    Tokens must come in reading order, several readings of one line behind one another.
    """
    places = [_Place(token, (token.x - lefts[token.column]) / glyph) for token in tokens]
    if not places:
        return []
    scores = [_node(place) for place in places]
    total = list(scores)
    before: list[int | None] = [None] * len(places)
    for j, here in enumerate(places):
        for i in range(j):
            step = _step(places[i], here)
            if step is not None and total[i] + step + scores[j] > total[j]:
                total[j] = total[i] + step + scores[j]
                before[j] = i
    end: int | None = max(range(len(places)), key=total.__getitem__)
    chain: list[Token] = []
    best = total[end] if end is not None else 0.0
    while end is not None:
        chain.append(places[end].token)
        end = before[end]
    chain.reverse()
    questions = sum(token.form is not Form.RANGE for token in chain)
    return chain if questions > 1 or best >= _LONE_SCORE else []


def _node(place: _Place) -> float:
    """How much a token speaks for itself: -3 to 2.4."""
    token = place.token
    score = 3.2 * token.probability - 2.0
    score += 0.6 if abs(place.indent) < 0.6 else -0.45 * min(abs(place.indent), 5.0)
    if token.form is Form.BARE:
        score -= 0.5
    if token.form is Form.RANGE:
        score += 0.4
    if token.number > 60:
        score -= 1.0
    return score


def _step(one: _Place, two: _Place) -> float | None:
    """Reward of `two` following `one`; None where it must not."""
    a, b = one.token, two.token
    if a.line == b.line:
        return None
    reached = a.number - 1 if a.form is Form.RANGE else a.number
    wanted = b.number - 1
    missing = wanted - reached
    if missing < 0 or missing > _MAX_STEP:
        return None
    if a.form is Form.RANGE and b.form is Form.RANGE and missing == 0:
        return None
    score = 1.4 if missing == 0 else -0.8 - 0.35 * missing
    if Form.RANGE not in (a.form, b.form):
        score += 0.6 if a.form is b.form else -1.6
        drift = abs(one.indent - two.indent)
        score += 0.4 if drift < 0.7 else -0.35 * min(drift, 4.0)
    return score
