"""Tesseract, in process where `tesserocr` is installed, else as a program by `pytesseract`."""

from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from analysis.ocr.pieces import Piece, Pieces
from analysis.page_geometry import Grey
from faults import Code, Permanent, Transient

DATA_PATHS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
)
"""Where packages put the language data."""

_TEXT = 0.5
"""Mean confidence from which what was read until time ran out is text, and not grain."""


_SLACK = 0.3
"""Share of a line's height that a piece may reach above or below its median."""


class Recogniser(Protocol):
    """Reads an evenly lit picture of text."""

    def lines(self, grey: Grey, languages: tuple[str, ...], psm: int) -> tuple[Pieces, ...]:
        """Lines of a uint8 picture, boxes in its px.

        Raises `Transient` with `ocr_failed` or `out_of_time`.
        """
        ...


def recogniser(data: str, seconds: float) -> Recogniser:
    """The best one installed; `data` is the folder of the language data, `seconds` its patience."""
    if find_spec("tesserocr") is not None:
        return InProcess(data, seconds)
    if find_spec("pytesseract") is not None:
        return Program(data, seconds)
    raise Permanent(Code.NOT_CONFIGURED, "install tesserocr, or pytesseract and tesseract-ocr")


def data_path(languages: tuple[str, ...], preferred: str = "") -> str:
    """Find the folder that holds `*.traineddata` of all languages.

    Raises `Permanent(not_configured)` where there is none.
    """
    for folder in (preferred, *DATA_PATHS):
        if folder and all(Path(folder, f"{name}.traineddata").exists() for name in languages):
            return folder
    raise Permanent(
        Code.NOT_CONFIGURED,
        f"no Tesseract data for {', '.join(languages)}; install the languages' packages",
    )


class InProcess:
    """Models are loaded once a process; `seconds` of wall time may a picture take."""

    def __init__(self, data: str, seconds: float = 15.0) -> None:
        self._data = data
        self._milliseconds = round(1000 * seconds)

    def lines(self, grey: Grey, languages: tuple[str, ...], psm: int) -> tuple[Pieces, ...]:
        """See `Recogniser`."""
        api = _api(self._data, "+".join(languages))
        try:
            api.SetPageSegMode(psm)
            height, width = grey.shape
            api.SetImageBytes(grey.tobytes(), width, height, 1, width)
            in_time = api.Recognize(self._milliseconds)
            lines = _iterated(api)
            return lines if in_time else _given_up(lines)
        except RuntimeError:
            raise Transient(Code.OCR_FAILED, "the text engine broke down") from None
        finally:
            api.Clear()


@lru_cache(maxsize=4)
def _api(data: str, languages: str) -> Any:
    import tesserocr

    try:
        return tesserocr.PyTessBaseAPI(path=data, lang=languages)
    except RuntimeError:
        raise Permanent(
            Code.NOT_CONFIGURED, f"Tesseract's data for {languages} is broken; install it again"
        ) from None


def _iterated(api: Any) -> tuple[Pieces, ...]:
    from tesserocr import RIL

    lines: list[list[Piece]] = []
    rest = str(api.GetUTF8Text())
    iterator = api.GetIterator()
    while iterator is not None:
        text = _text_of(iterator, RIL.WORD)
        if text:
            if not lines or iterator.IsAtBeginningOf(RIL.TEXTLINE):
                lines.append([])
            blank, rest = consume(rest, text)
            left, top, right, bottom = iterator.BoundingBox(RIL.WORD)
            box = (left, top, right - left, bottom - top)
            lines[-1].append(Piece(text, box, _share(iterator.Confidence(RIL.WORD)), blank))
        if not iterator.Next(RIL.WORD):
            break
    return tuple(_level(line) for line in lines)


def _given_up(lines: tuple[Pieces, ...]) -> tuple[Pieces, ...]:
    """Nothing, where a picture that took too long was grain or foliage.

    Raises `Transient(out_of_time)` where it was text: half a page is no answer.
    """
    pieces = [piece for line in lines for piece in line]
    if pieces and sum(piece.confidence for piece in pieces) / len(pieces) >= _TEXT:
        raise Transient(Code.OUT_OF_TIME, "the page takes too long to read; send it in parts")
    return ()


def _text_of(iterator: Any, level: int) -> str:
    try:
        return str(iterator.GetUTF8Text(level)).strip()
    except RuntimeError:  # tesserocr's way of saying that there is no word here
        return ""


class Program:
    """Starts the `tesseract` program, once for the blanks and once for the boxes."""

    def __init__(self, data: str, seconds: float = 15.0) -> None:
        self._data = data
        self._seconds = seconds

    def lines(self, grey: Grey, languages: tuple[str, ...], psm: int) -> tuple[Pieces, ...]:
        """See `Recogniser`."""
        import pytesseract
        from PIL import Image as Pil

        try:
            text, table = (
                str(
                    read(
                        Pil.fromarray(grey),
                        lang="+".join(languages),
                        config=f'--psm {psm} --tessdata-dir "{self._data}"',
                        timeout=self._seconds,
                    )
                )
                for read in (pytesseract.image_to_string, pytesseract.image_to_data)
            )
        except pytesseract.TesseractNotFoundError:
            raise Permanent(Code.NOT_CONFIGURED, "install the package tesseract-ocr") from None
        except (pytesseract.TesseractError, RuntimeError):
            raise Transient(Code.OCR_FAILED, "the text engine broke down") from None
        return _tabled(text, table)


def _tabled(rest: str, table: str) -> tuple[Pieces, ...]:
    """Lines from Tesseract's text and TSV output."""
    lines: dict[tuple[str, ...], list[Piece]] = {}
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) < 12 or not cells[11].strip():
            continue
        text = cells[11].strip()
        blank, rest = consume(rest, text)
        x, y, w, h = (int(cell) for cell in cells[6:10])
        piece = Piece(text, (x, y, w, h), _share(float(cells[10])), blank)
        lines.setdefault(tuple(cells[1:5]), []).append(piece)
    return tuple(_level(line) for line in lines.values())


def consume(text: str, piece: str) -> tuple[bool, str]:
    """Whether a blank stands before a piece at the start of a text, and what follows it.

    Only the whole text has the blanks as printed; by words, every syllable stands alone.
    """
    stripped = text.lstrip()
    if not stripped.startswith(piece):
        return True, text
    return len(stripped) < len(text), stripped[len(piece) :]


def _share(percent: float) -> float:
    return min(1.0, max(0.0, percent / 100))


def _level(line: list[Piece]) -> Pieces:
    """The line with boxes of syllables kept to its height: some reach over two lines."""
    tops = sorted(piece.box[1] for piece in line)
    bottoms = sorted(piece.box[1] + piece.box[3] for piece in line)
    top, bottom = tops[len(tops) // 2], bottoms[len(bottoms) // 2]
    slack = round(_SLACK * (bottom - top))
    return tuple(_kept(piece, top - slack, bottom + slack) for piece in line)


def _kept(piece: Piece, top: int, bottom: int) -> Piece:
    x, y, w, h = piece.box
    low, high = max(y, top), min(y + h, bottom)
    return replace(piece, box=(x, low, w, high - low)) if high > low else piece
