"""PDF files made to hurt whoever renders them, written by hand, object by object."""

import zlib
from collections.abc import Sequence

from tests.generators.hostile.pictures import zeros


def pdf(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer <</Root 1 0 R /Size %d>>\nstartxref\n%d\n" % (len(objects) + 1, start)
    return bytes(out + b"%%EOF\n")


def stream(dictionary: bytes, data: bytes) -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (dictionary, len(data), data)


def page(
    contents: bytes, *resources: bytes, box: bytes = b"0 0 300 300", names: bytes = b""
) -> bytes:
    """A document of one page; further objects are numbered from 5."""
    return pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
            b"<</Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources <<%s>>>>"
            % (box, names),
            contents,
            *resources,
        ]
    )


def plain(pages: int = 1) -> bytes:
    """That many pages, each with a black square in its lower left corner."""
    kids = b" ".join(b"%d 0 R" % (4 + index) for index in range(pages))
    leaf = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 144 72] /Contents 3 0 R>>"
    return pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [%s] /Count %d>>" % (kids, pages),
            stream(b"", b"0 0 36 36 re f"),
            *([leaf] * pages),
        ]
    )


def huge_page() -> bytes:
    return page(stream(b"", b"0 0 9 9 re f"), box=b"0 0 14400 14400")


def huge_picture(side: int = 30_000) -> bytes:
    """A small page that shows a picture of 900 megapixels."""
    dictionary = (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB"
        b" /BitsPerComponent 8 /Filter /FlateDecode" % (side, side)
    )
    body = stream(dictionary, zeros(16 << 20))
    return page(stream(b"", b"300 0 0 300 0 0 cm /I Do"), body, names=b"/XObject <</I 5 0 R>>")


def inflating_contents(size: int = 4 << 30) -> bytes:
    """Drawing commands that inflate to gigabytes: 4 MB of file."""
    return page(stream(b"/Filter [/FlateDecode /FlateDecode]", zlib.compress(zeros(size))))


def nested_forms(depth: int = 12, width: int = 12) -> bytes:
    """Forms that draw forms that draw forms: width to the power of depth squares."""
    forms = []
    for level in range(depth):
        inner = b"/F Do " * width if level < depth - 1 else b"0 0 1 1 re f"
        below = b"/Resources <</XObject <</F %d 0 R>>>>" % (6 + level) if level < depth - 1 else b""
        forms.append(stream(b"/Type /XObject /Subtype /Form /BBox [0 0 300 300] " + below, inner))
    return page(stream(b"", b"/F Do " * width), *forms, names=b"/XObject <</F 5 0 R>>")


def no_page() -> bytes:
    return pdf([b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Kids [] /Count 0>>"])
