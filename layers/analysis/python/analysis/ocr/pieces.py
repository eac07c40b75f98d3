"""Pieces of lines as an engine reads them, and how they become words.

Tesseract's Korean model gives nearly one piece a syllable; whether a blank stands before it is
known only to the text of the whole line.
"""

from dataclasses import dataclass, replace

from analysis.ocr.circled import Mark
from analysis.ocr.reading import Box, Word, around

Pieces = tuple["Piece", ...]

_TIGHT = "㉠㉡㉢㉣㉤㉥ⓐⓑⓒⓓⓔ"
"""Signs that a word may follow without a blank."""

_BLANK = 0.3
"""Gap in glyph heights beside a circled letter that is a blank; ㉠에 has less, ㉠ 다음 more."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a word; `blank` is whether a blank stands before it."""

    text: str
    box: Box
    confidence: float
    blank: bool

    @property
    def right(self) -> int:
        """x of the right edge."""
        return self.box[0] + self.box[2]

    @property
    def middle(self) -> float:
        """x of the centre."""
        return self.box[0] + self.box[2] / 2


def words(line: Pieces) -> tuple[Word, ...]:
    """Join the pieces between blanks."""
    groups: list[list[Piece]] = []
    for piece in line:
        if not groups or piece.blank:
            groups.append([])
        groups[-1].append(piece)
    return tuple(_word(group) for group in groups)


def _word(group: list[Piece]) -> Word:
    total = sum(len(piece.text) for piece in group)
    return Word(
        "".join(piece.text for piece in group),
        around(piece.box for piece in group),
        sum(piece.confidence * len(piece.text) for piece in group) / total,
    )


def with_marks(lines: tuple[Pieces, ...], marks: tuple[Mark, ...], glyph: float) -> list[Pieces]:
    """Put circled signs where they stand: into the line at their height, else into a new one."""
    rows = [list(line) for line in lines]
    for mark in sorted(marks, key=lambda mark: mark.box[0]):
        row = _row_at(rows, mark.box)
        if row is None:
            row = []
            rows.append(row)
        _insert(row, mark, glyph)
    rows.sort(key=_height)
    return [tuple(row) for row in rows]


def _row_at(rows: list[list[Piece]], box: Box) -> list[Piece] | None:
    middle = box[1] + box[3] / 2
    apart = [(abs(_height(row) - middle), index) for index, row in enumerate(rows)]
    if not apart:
        return None
    distance, index = min(apart)
    return rows[index] if distance < 0.6 * box[3] else None


def _height(row: list[Piece]) -> float:
    """y of a row's middle: the median over its pieces, so that one odd box does not count."""
    middles = sorted(piece.box[1] + piece.box[3] / 2 for piece in row)
    return middles[len(middles) // 2]


def _insert(row: list[Piece], mark: Mark, glyph: float) -> None:
    place = _place(row, mark.box[0] + mark.box[2] / 2)
    apart = mark.text not in _TIGHT
    before = place == 0 or apart or mark.box[0] - row[place - 1].right > _BLANK * glyph
    if place < len(row):
        gap = row[place].box[0] - (mark.box[0] + mark.box[2])
        row[place] = replace(row[place], blank=apart or gap > _BLANK * glyph)
    row.insert(place, Piece(mark.text, mark.box, mark.confidence, before))


def _place(row: list[Piece], x: float) -> int:
    """The gap between words in which something at `x` stands: a sign painted over leaves one."""
    left_of_it = sum(piece.middle < x for piece in row)
    gaps = [0, *(index for index, piece in enumerate(row) if index and piece.blank), len(row)]
    return min(gaps, key=lambda gap: abs(gap - left_of_it))
