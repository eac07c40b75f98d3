"""Two readings of one line made one.

`kor+eng` now and then reads Hangul as Latin ("문제를" as "BAIS", "점]" as "4 ]") or skips a
syllable; `kor` alone reads Hangul well and destroys Latin. The two texts are aligned, and where
they differ the Hangul reading is taken if it finds more Hangul and is hardly less sure. Texts are
aligned, not boxes: the engine's boxes of syllables are too rough to order them by.
"""

import re
from difflib import SequenceMatcher

from analysis.ocr.pieces import Piece, Pieces

_LESS_SURE = 0.15
"""How much less sure the Hangul reading of a stretch may be and still win."""

_SURE = 0.7
"""Confidence from which a syllable that only the Hangul reading has is believed."""

_PLAIN_CONFIDENCE = 0.85
"""Confidence from which a piece of plain Hangul and numbers is read once only."""

_FOREIGN = re.compile(r"[^가-힣ㄱ-ㅎ0-9\s.,?!()<>]")

_NEAR = 3
"""Signs on either side among which a syllable may merely have changed places."""

_HANGUL = re.compile("[가-힣ㄱ-ㅎ]")


def doubtful(line: Pieces) -> bool:
    """Whether a line of the mixed reading may hide Hangul: Latin letters, signs, low confidence."""
    return any(
        _FOREIGN.search(piece.text) or piece.confidence < _PLAIN_CONFIDENCE for piece in line
    )


def merged(lines: tuple[Pieces, ...], others: tuple[Pieces, ...]) -> tuple[Pieces, ...]:
    """Mend the lines of the mixed reading by those of the Hangul reading."""
    return tuple(_mended(line, _beside(line, others)) for line in lines)


def _beside(line: Pieces, others: tuple[Pieces, ...]) -> Pieces:
    """The line of the other reading that lies over this one, empty if there is none."""
    top, bottom = _extent(line)
    best: Pieces = ()
    most = 0.5 * (bottom - top)
    for other in others:
        low, high = _extent(other)
        shared = min(bottom, high) - max(top, low)
        if shared > most:
            best, most = other, shared
    return best


def _extent(line: Pieces) -> tuple[float, float]:
    """Median top and bottom of a line's pieces."""
    tops = sorted(piece.box[1] for piece in line)
    bottoms = sorted(piece.box[1] + piece.box[3] for piece in line)
    return tops[len(tops) // 2], bottoms[len(bottoms) // 2]


def _mended(line: Pieces, other: Pieces) -> Pieces:
    mixed, hangul = _signs(line), _signs(other)
    one, two = ("".join(sign.text for sign in signs) for signs in (mixed, hangul))
    result: list[Piece] = []
    for _, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        better = _is_better(hangul[c:d], mixed[a:b])
        if a == b and one[max(0, a - _NEAR) : a + _NEAR].find(two[c:d]) >= 0:
            better = False  # the same signs in another order
        result += hangul[c:d] if better else mixed[a:b]
    return tuple(result)


def _signs(line: Pieces) -> list[Piece]:
    """A line in pieces of one character each."""
    signs: list[Piece] = []
    for piece in line:
        x, y, w, h = piece.box
        count = len(piece.text)
        for index, sign in enumerate(piece.text):
            left, right = x + w * index // count, x + w * (index + 1) // count
            box = (left, y, max(1, right - left), h)
            signs.append(Piece(sign, box, piece.confidence, piece.blank and index == 0))
    return signs


def _is_better(hangul: list[Piece], mixed: list[Piece]) -> bool:
    if _syllables(hangul) <= _syllables(mixed):
        return False
    return _sure(hangul) >= (_sure(mixed) - _LESS_SURE if mixed else _SURE)


def _syllables(signs: list[Piece]) -> int:
    return sum(bool(_HANGUL.match(sign.text)) for sign in signs)


def _sure(signs: list[Piece]) -> float:
    return sum(sign.confidence for sign in signs) / len(signs)
