"""The text layer of a PDF, exact and free; read in a bounded child process like its pixels."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from analysis.ocr import pdf_text_child
from analysis.ocr.reading import Line, Reading, Word
from faults import Code, Permanent

ENGINE = "pdf"

_LEAST_SIGNS = 20
"""Characters from which a page counts as having text: scans carry a stamp or page number."""

_ILLEGIBLE = 0.1
"""Share of characters without meaning (private use, replacement) from which a layer is no text:
fonts without a character map."""


def text_layers(path: Path) -> list[Reading | None]:
    """A reading for each page of a PDF, None for a page without a usable text layer.

    Boxes are in px of the page rendered at `limits.PDF_DPI`. Raises `Permanent` with
    `document_unreadable` or `document_too_long`.
    """
    child = subprocess.run(  # noqa: S603 - our own interpreter, our own file
        [sys.executable, "-P", pdf_text_child.__file__, str(path.resolve())],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    answer = _answer(child.stdout)
    if "code" in answer:
        raise Permanent(Code(answer["code"]), str(answer["message"]))
    return [_reading(page) for page in answer["pages"]]


def _answer(output: bytes) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        raise Permanent(
            Code.DOCUMENT_UNREADABLE, "the PDF asks for too much memory or time to be read"
        ) from None
    return answer


def _reading(words: list[list[Any]]) -> Reading | None:
    """Words come as [line number, text, x, y, width, height]."""
    text = "".join(word[1] for word in words)
    if len(text) < _LEAST_SIGNS or _odd(text) > _ILLEGIBLE * len(text):
        return None
    rows: dict[int, list[Word]] = {}
    for line, sign, x, y, w, h in words:
        rows.setdefault(line, []).append(Word(sign, (x, y, w, h), 1.0))
    return Reading(tuple(Line(tuple(row)) for row in rows.values()), ENGINE, ())


def _odd(text: str) -> int:
    return sum("\ue000" <= sign <= "\uf8ff" or sign == "\ufffd" or sign < " " for sign in text)
