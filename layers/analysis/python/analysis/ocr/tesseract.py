"""Tesseract in process (tesserocr), with a second, Hangul-only reading to mend the first.

`kor+eng` now and then reads a Hangul word as Latin ("문제를" as "BAIS"); where `kor` alone reads
the same place as Hangul and is hardly less sure, its word is taken.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.image import Image
from analysis.ocr.preparation import Prepared, prepare
from analysis.ocr.reading import Line, Reading, Word
from faults import Code, Permanent, Transient

DATA_PATHS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
)
"""Where Debian's packages put the language data."""

_LESS_SURE = 0.15
"""How much less sure the Hangul reading of a word may be and still win."""

_HANGUL = re.compile("[가-힣]")
_LATIN = re.compile("[A-Za-z]")


class TesseractEngine:
    """`languages` like ("kor", "eng"); `psm` is Tesseract's page segmentation mode (6: a block).

    Raises `Permanent(not_configured)` where the language data is missing.
    """

    name = "tesseract"

    def __init__(
        self, languages: tuple[str, ...] = ("kor", "eng"), psm: int = 6, data: str = ""
    ) -> None:
        self._languages = languages
        self._psm = psm
        self._data = data_path(languages, data)

    def read(self, image: Image) -> Reading:
        """Read a BGR picture. Raises `Transient(ocr_failed)` if the engine breaks."""
        page = prepare(image)
        lines = self._lines(page, "+".join(self._languages))
        if {"kor", "eng"} <= set(self._languages):
            lines = _mended(lines, self._lines(page, "kor"))
        return Reading(lines, self.name, self._languages)

    def _lines(self, page: Prepared, languages: str) -> tuple[Line, ...]:
        api = _api(self._data, languages)
        try:
            api.SetPageSegMode(self._psm)
            height, width = page.grey.shape
            api.SetImageBytes(page.grey.tobytes(), width, height, 1, width)
            api.Recognize()
            return tuple(_read_lines(api, page))
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
        f"no Tesseract data for {', '.join(languages)}; install tesseract-ocr-kor",
    )


@lru_cache(maxsize=4)
def _api(data: str, languages: str) -> Any:
    """One engine a language, loaded once (0.2 s) and kept."""
    import tesserocr

    return tesserocr.PyTessBaseAPI(path=data, lang=languages, psm=tesserocr.PSM.SINGLE_BLOCK)


def _read_lines(api: Any, page: Prepared) -> list[Line]:
    from tesserocr import RIL

    lines: list[list[Word]] = []
    iterator = api.GetIterator()
    while iterator is not None:
        text = _text_of(iterator, RIL.WORD)
        if text:
            if not lines or iterator.IsAtBeginningOf(RIL.TEXTLINE):
                lines.append([])
            left, top, right, bottom = iterator.BoundingBox(RIL.WORD)
            box = page.to_source((left, top, right - left, bottom - top))
            confidence = min(1.0, max(0.0, iterator.Confidence(RIL.WORD) / 100))
            lines[-1].append(Word(text, box, confidence))
        if not iterator.Next(RIL.WORD):
            break
    return [Line(tuple(words)) for words in lines if words]


def _text_of(iterator: Any, level: int) -> str:
    try:
        return str(iterator.GetUTF8Text(level)).strip()
    except RuntimeError:  # tesserocr's way of saying that there is no word here
        return ""


def _mended(lines: tuple[Line, ...], hangul: tuple[Line, ...]) -> tuple[Line, ...]:
    others = [word for line in hangul for word in line.words]
    return tuple(Line(tuple(_better(word, others) for word in line.words)) for line in lines)


def _better(word: Word, others: list[Word]) -> Word:
    if not _LATIN.search(word.text):
        return word
    same = [other for other in others if _overlap(word.box, other.box) > 0.6]
    if not same:
        return word
    text = "".join(other.text for other in same)
    sure = sum(other.confidence for other in same) / len(same)
    mostly_hangul = 2 * len(_HANGUL.findall(text)) > len(text)
    if mostly_hangul and sure >= word.confidence - _LESS_SURE:
        return Word(text, word.box, sure)
    return word


def _overlap(box: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> float:
    """Share of `other` that lies inside `box`."""
    width = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    height = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    return max(0, width) * max(0, height) / max(1, other[2] * other[3])
