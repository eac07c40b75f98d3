"""Two readings of one line made one.

`kor+eng` now and then reads Hangul as Latin ("문제를" as "BAIS", "점]" as "4 ]"); `kor` alone reads
Hangul well and destroys Latin. Span by span the Hangul reading is taken where it finds more
Hangul and is hardly less sure.
"""

import re

from analysis.ocr.pieces import Piece, Pieces

_LESS_SURE = 0.15
"""How much less sure the Hangul reading of a span may be and still win."""

_HANGUL = re.compile("[가-힣ㄱ-ㅎ]")


def needs_second_reading(lines: tuple[Pieces, ...]) -> bool:
    """Whether any piece could be Hangul that was read as something else."""
    return any(not _HANGUL.search(piece.text) for line in lines for piece in line)


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
    result: list[Piece] = []
    for mixed, hangul in _spans(line, other):
        result += hangul if _is_better(hangul, mixed) else mixed
    return tuple(result)


def _spans(line: Pieces, other: Pieces) -> list[tuple[list[Piece], list[Piece]]]:
    """Smallest stretches of both readings whose pieces do not reach across their ends."""
    spans: list[tuple[list[Piece], list[Piece]]] = []
    edge = float("-inf")
    tagged = [(piece, 0) for piece in line] + [(piece, 1) for piece in other]
    for piece, source in sorted(tagged, key=lambda pair: pair[0].middle):
        # a fifth of a piece may lie over its neighbour: the engine's boxes are not exact
        if piece.box[0] + 0.2 * piece.box[2] >= edge or not spans:
            spans.append(([], []))
        spans[-1][source].append(piece)
        edge = max(edge, piece.right - 0.2 * piece.box[2])
    return spans


def _is_better(hangul: list[Piece], mixed: list[Piece]) -> bool:
    if not hangul or not mixed:
        return False
    more = _syllables(hangul) > _syllables(mixed)
    return more and _sure(hangul) >= _sure(mixed) - _LESS_SURE


def _syllables(pieces: list[Piece]) -> int:
    return sum(len(_HANGUL.findall(piece.text)) for piece in pieces)


def _sure(pieces: list[Piece]) -> float:
    total = sum(len(piece.text) for piece in pieces)
    return sum(piece.confidence * len(piece.text) for piece in pieces) / total
