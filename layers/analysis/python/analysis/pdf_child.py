"""The process that renders a PDF: `pdf_child.py FILE` writes pages to its standard output.

Each page is `P`, width, height and channels (uint32, little endian), then the pixels, BGR;
the end is `E`; a refusal is `R` and `code:message`. No end means the limits were met.
"""

import resource
import struct
import sys
from collections.abc import Iterator
from typing import IO, Any

from analysis import limits
from analysis.size_guard import check_page_count, check_size
from faults import Code, Permanent

PAGE, END, REFUSED = b"P", b"E", b"R"
_POINTS_PER_INCH = 72


def main(path: str, out: IO[bytes]) -> None:
    """Render every page of the PDF at `path` under the limits."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.PDF_BYTES, limits.PDF_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.PDF_CPU_SECONDS, limits.PDF_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for bitmap in _bitmaps(path):
            _send(bitmap, out)
        out.write(END)
    except Permanent as error:
        out.write(REFUSED + f"{error.code.value}:{error.message}".encode())
    out.flush()


def _bitmaps(path: str) -> Iterator[Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        count = len(document)
        check_page_count(count)
        if not count:
            raise Permanent(Code.DOCUMENT_UNREADABLE, "the PDF has no page")
        for index in range(count):
            page = document[index]
            _check_page(page, pypdfium2.raw.FPDF_PAGEOBJ_IMAGE)
            yield page.render(scale=limits.PDF_DPI / _POINTS_PER_INCH)
            page.close()
    except pypdfium2.PdfiumError:
        raise Permanent(
            Code.DOCUMENT_UNREADABLE, "the PDF is broken or locked by a password"
        ) from None


def _check_page(page: Any, image_type: int) -> None:
    """Check the page and the pictures on it by their declared sizes, before any is decoded."""
    check_size(*(round(side * limits.PDF_DPI / _POINTS_PER_INCH) for side in page.get_size()))
    for picture in page.get_objects(filter=[image_type]):
        width, height = picture.get_px_size()
        if width * height > limits.MAX_PIXELS:
            check_size(width, height)


def _send(bitmap: Any, out: IO[bytes]) -> None:
    """Write the rows without their padding."""
    out.write(PAGE + struct.pack("<LLL", bitmap.width, bitmap.height, bitmap.n_channels))
    row = bitmap.width * bitmap.n_channels
    pixels = memoryview(bitmap.buffer).cast("B")
    for top in range(bitmap.height):
        out.write(pixels[top * bitmap.stride : top * bitmap.stride + row])


if __name__ == "__main__":
    main(sys.argv[1], sys.stdout.buffer)
