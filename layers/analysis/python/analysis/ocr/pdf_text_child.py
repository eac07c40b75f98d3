"""The process that reads a PDF's text: `pdf_text_child.py FILE` writes JSON to standard output.

`{"pages": [[[line, text, x, y, width, height], ...], ...]}` in px at `limits.PDF_DPI`, or
`{"code": ..., "message": ...}`. No JSON means the limits were met.
"""

import json
import resource
import sys
from typing import Any

from analysis import limits
from analysis.size_guard import check_page_count
from faults import Code, Permanent

_SCALE = limits.PDF_DPI / 72
_MAX_SIGNS = 50_000
"""Characters of a page; an exam page has about 3,000."""

_HYPHENS = "\x02\ufffe"
"""What the library gives for a hyphen at a line's end."""


def main(path: str) -> dict[str, Any]:
    """Read every page under the limits."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.PDF_BYTES, limits.PDF_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.PDF_CPU_SECONDS, limits.PDF_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        check_page_count(len(document))
        return {"pages": [_words(document[index]) for index in range(len(document))]}
    except Permanent as error:
        return {"code": error.code.value, "message": error.message}
    except pypdfium2.PdfiumError:
        message = "the PDF is broken or locked by a password"
        return {"code": Code.DOCUMENT_UNREADABLE.value, "message": message}


def _words(page: Any) -> list[list[Any]]:
    """Words of a page, cut at white, numbered by line."""
    layer = page.get_textpage()
    height = page.get_height()
    count = min(layer.count_chars(), _MAX_SIGNS)
    text = layer.get_text_range(0, count) if count else ""
    if len(text) != count:  # characters beyond the basic plane: indices would not fit
        text = "".join(layer.get_text_range(index, 1) or " " for index in range(count))
    words: list[list[Any]] = []
    line, fresh = 0, True
    for index, sign in enumerate(text):
        if sign in _HYPHENS:
            continue
        if sign.isspace():
            line += sign == "\n"
            fresh = True
            continue
        left, bottom, right, top = layer.get_charbox(index)
        box = (left * _SCALE, (height - top) * _SCALE, right * _SCALE, (height - bottom) * _SCALE)
        if fresh:
            words.append([line, sign, *box])
        else:
            last = words[-1]
            last[1] += sign
            last[2:] = [*map(min, last[2:4], box[:2]), *map(max, last[4:], box[2:])]
        fresh = False
    return [[line, word, *_whole(box)] for line, word, *box in words]


def _whole(box: list[float]) -> list[int]:
    left, top = max(0, round(box[0])), max(0, round(box[1]))
    return [left, top, max(1, round(box[2]) - left), max(1, round(box[3]) - top)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])))
