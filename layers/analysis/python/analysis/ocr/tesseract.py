"""Engine `tesseract`: a prepared page, circled signs read apart, Hangul mended, turns undone."""

from dataclasses import replace

import cv2
import numpy as np

from analysis.image import Image
from analysis.ocr.circled import find_marks, without
from analysis.ocr.hangul import doubtful, merged
from analysis.ocr.letters import find_letters
from analysis.ocr.phrases import corrected
from analysis.ocr.pieces import Pieces, with_marks, words
from analysis.ocr.preparation import (
    GLYPH_HEIGHT,
    Block,
    Prepared,
    central_patch,
    prepare,
)
from analysis.ocr.reading import NO_TEXT, UNSURE, Line, Reading, Word, around, scaled
from analysis.ocr.recognisers import Recogniser, data_path, recogniser
from analysis.page_geometry import Grey

BLOCK = 6
"""Page segmentation mode "one uniform block": right for a question and for a column."""

_LONGEST = 4200
"""px of the long side beyond which a picture is made smaller: print of A3 keeps 30 px, and the
working copies of a 48 MP photo would not fit a function's memory."""

_UPRIGHT = 0.7
"""Confidence from which text is taken to stand upright: upright print was read with 0.75 and
more, turned print with 0.6 and less."""

_CLEARER = 0.15
"""By how much surer a turned reading must be than the unturned one."""

_LEAST_LINE, _LEAST_PAGE, _LEAST_SCRAP = 0.45, 0.5, 0.75
"""Confidence below which a line, a page or a few signs are no text: pictures and noise give
0.1-0.6, the upper end only for single signs."""

_ODD_PAGE, _ODD_LINES = 0.5, 0.75
"""A page below the first with all its lines, and below the second with those that are text, is in
another script: Japanese, Thai and short Cyrillic or Greek print gave 0.2-0.45 and 0.52-0.69, Korean
print that could be read 0.6 and more with all its lines."""

_SCRAP = 12
"""Letters and digits up to which a reading is a scrap."""


class TesseractEngine:
    """`languages` like ("kor", "eng"); `psm` is Tesseract's page segmentation mode, 3-13.

    Without `psm` a page is cut into its columns and each is read as one block; with it the whole
    picture is read in that mode. `seconds` bound one block. Raises `Permanent(not_configured)`
    where data is missing.
    """

    name = "tesseract"

    def __init__(
        self,
        languages: tuple[str, ...] = ("kor", "eng"),
        psm: int | None = None,
        data: str = "",
        reader: Recogniser | None = None,
        seconds: float = 15.0,
    ) -> None:
        self._languages = languages
        self._psm = psm
        self._reader = reader or recogniser(data_path(languages, data), seconds)

    def read(self, image: Image) -> Reading:
        """Read a BGR picture, turned or not.

        Raises `Transient` with `ocr_failed` or `out_of_time`.
        """
        factor = _LONGEST / max(image.shape)
        if factor < 1:
            small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            return scaled(self._found(np.asarray(small, np.uint8)), 1 / factor)
        return self._found(image)

    def _found(self, image: Image) -> Reading:
        patch = central_patch(image)
        if patch is None:
            upright = self._read(image, 0)
            sure = _legible(upright).confidence or 0.0
            turns = self._turns(image, sure)
            return _believed(self._read(image, turns) if turns else upright)
        turns = self._turns(patch, self._sure(patch, 0))
        return _believed(self._read(image, turns))

    def _turns(self, image: Image, unturned: float) -> int:
        """Clockwise quarter turns that make the text stand upright."""
        if unturned >= _UPRIGHT:
            return 0
        sure = [unturned, *(self._sure(image, turns) for turns in (1, 2, 3))]
        best = int(np.argmax(sure))
        return best if sure[best] > max(_UPRIGHT, unturned + _CLEARER) else 0

    def _sure(self, image: Image, turns: int) -> float:
        """Confidence of a quick reading, 0 where nothing was read."""
        return _legible(self._read(image, turns, mend=False)).confidence or 0.0

    def _read(self, image: Image, turns: int, *, mend: bool = True) -> Reading:
        page = prepare(image, turns)
        blocks = page.blocks if self._psm is None else page.blocks and (page.whole,)
        rows = [row for block in blocks for row in self._rows(page, block, mend)]
        lines = _to_source(rows, page, image)
        return Reading(lines, self.name, self._languages, (360 - 90 * turns) % 360)

    def _rows(self, page: Prepared, block: Block, mend: bool) -> list[Pieces]:
        grey = page.cut(block)
        marks = find_marks(grey, GLYPH_HEIGHT)
        if "kor" in self._languages:
            marks += find_letters(grey, marks, GLYPH_HEIGHT)
        grey = without(grey, marks)
        psm = self._psm or BLOCK
        lines = self._reader.lines(grey, self._languages, psm)
        if mend and {"kor", "eng"} <= set(self._languages) and any(map(doubtful, lines)):
            grey = _without_lines(grey, [line for line in lines if not doubtful(line)])
            lines = merged(lines, self._reader.lines(grey, ("kor",), psm))
        if "kor" in self._languages:
            lines = tuple(corrected(line) for line in lines)
        return [
            tuple(block.moved(piece) for piece in line)
            for line in with_marks(lines, marks, GLYPH_HEIGHT)
        ]


def _without_lines(grey: Grey, lines: list[Pieces]) -> Grey:
    """The page with lines that need no second reading painted over."""
    cleared = grey.copy()
    for line in lines:
        x, y, w, h = around(piece.box for piece in line)
        if h < 2 * GLYPH_HEIGHT:  # a box gone wrong would cover its neighbours
            cleared[y : y + h, x : x + w] = 255
    return cleared


def _legible(reading: Reading) -> Reading:
    """The reading without the lines that are no text."""
    lines = tuple(line for line in reading.lines if line.confidence >= _LEAST_LINE)
    return replace(reading, lines=lines, reason=None if lines else NO_TEXT)


def _believed(reading: Reading) -> Reading:
    """The legible lines, or none with a reason where they are too unsure to be text."""
    found = _legible(reading)
    letters = sum(sign.isalnum() for sign in found.text)
    sure, whole = found.confidence or 0.0, reading.confidence or 0.0
    least = _LEAST_PAGE if letters > _SCRAP else _LEAST_SCRAP
    if reading.lines and (sure < least or (whole < _ODD_PAGE and sure < _ODD_LINES)):
        return Reading((), reading.engine, reading.languages, 0, UNSURE)
    left_out = len(reading.lines) - len(found.lines)
    if left_out and 3 * left_out >= len(reading.lines):
        return replace(found, notes=(*found.notes, _left_out(left_out, reading)))
    return found


def _left_out(count: int, reading: Reading) -> str:
    languages = "+".join(reading.languages)
    return (
        f"{count} of {len(reading.lines)} lines were left out as unreadable: pictures, handwriting "
        f"or another language than {languages}"
    )


def _to_source(rows: list[Pieces], page: Prepared, image: Image) -> tuple[Line, ...]:
    """Words in px of the picture that was given."""
    found = [words(row) for row in rows]
    boxes = np.array([word.box for row in found for word in row], np.float64).reshape(-1, 4)
    mapped = iter(page.to_source(boxes, (image.shape[1], image.shape[0])).tolist())
    return tuple(
        Line(tuple(Word(word.text, tuple(next(mapped)), word.confidence) for word in row))
        for row in found
        if row
    )
