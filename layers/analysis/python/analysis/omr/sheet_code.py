"""The QR on a printed sheet: which template, and which version of it, the page was printed from."""

from typing import Any

import cv2
from numpy.typing import NDArray

from analysis.omr.template import Template

Grey = NDArray[Any]

_LONG_SIDE = 1600
"""px; a code of 16 mm on A4 is then some 85 px wide, 3 px a module."""

_LONGEST = 100


def sheet_code(grey: Grey, templates: tuple[Template, ...]) -> str | None:
    """Read the QR of a uint8 picture that looks like a code of `templates`; None without one.

    Codes of other shape are ignored: a worksheet may bear a link of its own.
    """
    import zxingcpp

    scale = min(1.0, _LONG_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    kinds = {_kind(template.code) for template in templates if template.code}
    for found in zxingcpp.read_barcodes(
        small, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    ):
        if len(found.text) <= _LONGEST and _kind(found.text) in kinds:
            return str(found.text)
    return None


def is_of(code: str, template: Template) -> bool:
    """Whether a page's code names this template, whatever its version."""
    return code.rpartition("/")[0] == template.code.rpartition("/")[0]


def _kind(code: str) -> tuple[int, str]:
    """What codes of one maker share: their parts, and the first word of their name."""
    name = code.rpartition("/")[0]
    return code.count("/"), name.partition("-")[0]
