"""Tesseract in process (tesserocr), on a prepared page, circled signs read apart."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from analysis.image import Image
from analysis.ocr.circled import find_marks, without
from analysis.ocr.hangul import merged, needs_second_reading
from analysis.ocr.pieces import Piece, Pieces, with_marks, words
from analysis.ocr.preparation import GLYPH_HEIGHT, Block, Prepared, prepare
from analysis.ocr.reading import Line, Reading, Word
from analysis.page_geometry import Grey
from faults import Code, Permanent, Transient

DATA_PATHS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
)
"""Where Debian's packages put the language data."""

BLOCK = 6
"""Page segmentation mode "one uniform block": right for a question and for a column."""


class TesseractEngine:
    """`languages` like ("kor", "eng"); `psm` is Tesseract's page segmentation mode, 3-13.

    Without `psm` a page is cut into its columns and each is read as one block. Raises
    `Permanent(not_configured)` where the language data is missing.
    """

    name = "tesseract"

    def __init__(
        self,
        languages: tuple[str, ...] = ("kor", "eng"),
        psm: int | None = None,
        data: str = "",
    ) -> None:
        self._languages = languages
        self._psm = psm
        self._data = data_path(languages, data)

    def read(self, image: Image) -> Reading:
        """Read a BGR picture. Raises `Transient(ocr_failed)` if the engine breaks."""
        page = prepare(image)
        lines = [line for block in page.blocks for line in self._lines(page, block)]
        return Reading(_to_source(lines, page, image), self.name, self._languages)

    def _lines(self, page: Prepared, block: Block) -> list[Pieces]:
        grey = page.cut(block)
        marks = find_marks(grey, GLYPH_HEIGHT)
        grey = without(grey, marks)
        lines = self._recognise(grey, self._languages)
        if {"kor", "eng"} <= set(self._languages) and needs_second_reading(lines):
            lines = merged(lines, self._recognise(grey, ("kor",)))
        return [
            tuple(block.moved(piece) for piece in line)
            for line in with_marks(lines, marks, GLYPH_HEIGHT)
        ]

    def _recognise(self, grey: Grey, languages: tuple[str, ...]) -> tuple[Pieces, ...]:
        api = engine(self._data, "+".join(languages))
        try:
            api.SetPageSegMode(self._psm or BLOCK)
            height, width = grey.shape
            api.SetImageBytes(grey.tobytes(), width, height, 1, width)
            api.Recognize()
            return tuple(read_lines(api))
        except RuntimeError as error:
            raise Transient(Code.OCR_FAILED, "the text engine broke down") from error
        finally:
            api.Clear()


def data_path(languages: tuple[str, ...], preferred: str = "") -> str:
    """Find the folder that holds `*.traineddata` of all languages."""
    for folder in (preferred, *DATA_PATHS):
        if folder and all(Path(folder, f"{name}.traineddata").exists() for name in languages):
            return folder
    raise Permanent(
        Code.NOT_CONFIGURED,
        f"no Tesseract data for {', '.join(languages)}; install the language's package",
    )


@lru_cache(maxsize=4)
def engine(data: str, languages: str) -> Any:
    """One engine a language, loaded once (0.2 s) and kept."""
    import tesserocr

    return tesserocr.PyTessBaseAPI(path=data, lang=languages, psm=tesserocr.PSM.SINGLE_BLOCK)


def read_lines(api: Any) -> list[Pieces]:
    """The lines of an engine that has recognised a picture, boxes in px of that picture."""
    from tesserocr import RIL

    lines: list[list[Piece]] = []
    rest = str(api.GetUTF8Text())
    iterator = api.GetIterator()
    while iterator is not None:
        text = _text_of(iterator, RIL.WORD)
        if text:
            if not lines or iterator.IsAtBeginningOf(RIL.TEXTLINE):
                lines.append([])
            blank, rest = _consume(rest, text)
            left, top, right, bottom = iterator.BoundingBox(RIL.WORD)
            sure = min(1.0, max(0.0, iterator.Confidence(RIL.WORD) / 100))
            lines[-1].append(Piece(text, (left, top, right - left, bottom - top), sure, blank))
        if not iterator.Next(RIL.WORD):
            break
    return [tuple(line) for line in lines if line]


def _consume(text: str, piece: str) -> tuple[bool, str]:
    """Whether white stands before a piece at the start of a text, and what follows it.

    Only the whole text has the blanks as printed; iterators put one after every syllable.
    """
    stripped = text.lstrip()
    if not stripped.startswith(piece):
        return True, text
    return len(stripped) < len(text), stripped[len(piece) :]


def _text_of(iterator: Any, level: int) -> str:
    try:
        return str(iterator.GetUTF8Text(level)).strip()
    except RuntimeError:  # tesserocr's way of saying that there is no word here
        return ""


def _to_source(lines: list[Pieces], page: Prepared, image: Image) -> tuple[Line, ...]:
    """Words in px of the picture that was given."""
    rows = [words(line) for line in lines]
    boxes = np.array([word.box for row in rows for word in row], np.float64).reshape(-1, 4)
    size = (image.shape[1], image.shape[0])
    mapped = iter(page.to_source(boxes, size).tolist())
    return tuple(
        Line(tuple(Word(word.text, tuple(next(mapped)), word.confidence) for word in row))
        for row in rows
        if row
    )
