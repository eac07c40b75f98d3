"""One confusion of Tesseract's Korean model, mended where only one reading makes sense.

It reads 옳 (right) as 옮 (moved), and now and then as 율 or 을, in nearly every "옳은 것은?" and
"옳지 않은", with which exam questions end. Before 은 것 and 지 않 the first can only be 옳, and no
word begins with the other two there.
"""

import re
from dataclasses import replace

from analysis.ocr.pieces import Pieces

_MEANT = re.compile(r"(?:옮|(?<![^\s(])[율을])(?=은 ?것|지 ?않)")


def corrected(line: Pieces) -> Pieces:
    """The line with 옳 where it was read as 옮."""
    text = "".join((" " if piece.blank else "") + piece.text for piece in line)
    wrong = {match.start() for match in _MEANT.finditer(text)}
    if not wrong:
        return line
    result, place = [], 0
    for piece in line:
        place += piece.blank
        signs = ["옳" if place + i in wrong else sign for i, sign in enumerate(piece.text)]
        place += len(piece.text)
        result.append(replace(piece, text="".join(signs)))
    return tuple(result)
