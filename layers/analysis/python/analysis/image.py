"""Opening pictures and documents that strangers sent: header first, pixels after."""

import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis import limits
from analysis.image_header import guarded_stream
from analysis.pdf import rendered_pages
from analysis.pixels import to_bgr
from analysis.size_guard import check_size
from faults import Code, Permanent, WorkerError
from file_type import DOCUMENTS, HEAD_BYTES, PICTURES, format_of

__all__ = ["Image", "Page", "check_size", "encode_jpeg", "kind_of", "read_image", "read_pages"]

Image = NDArray[np.uint8]
"""uint8, height x width x 3, BGR (or height x width, grey, where a function says so)."""

_PLUGINS = {
    "jpeg": ("JPEG", "MPO"),
    "png": ("PNG",),
    "gif": ("GIF",),
    "bmp": ("BMP",),
    "webp": ("WEBP",),
    "tiff": ("TIFF",),
    "heif": ("HEIF", "AVIF"),
}
"""The decoder that may see a file: Pillow would try all, with one that starts Ghostscript."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a picture or document; `index` counts from 0, `dpi` is None for a photo."""

    index: int
    image: Image
    dpi: float | None = None


def kind_of(head: bytes) -> str | None:
    """Name a picture's or document's format from its first 16 bytes.

    One of jpeg, png, gif, bmp, webp, tiff, heif, pdf; None for anything else. The name of a
    file and its declared type are not looked at.
    """
    name = format_of(head)
    return name if name in PICTURES or name in DOCUMENTS else None


def read_image(path: Path) -> Image:
    """Read the first page of a picture or document as BGR, turned upright by its Exif tag.

    Raises `Permanent` with `image_unreadable`, `image_too_large`, `image_too_small`,
    `document_unreadable` or `document_too_long`.
    """
    pages = read_pages(path)
    try:
        return next(pages).image
    finally:
        pages.close()


def read_pages(path: Path) -> Generator[Page, None, None]:
    """Yield every page of a picture, multi-page TIFF or PDF; one page is in memory at a time.

    Of an animation the first frame is read. Raises as `read_image`.
    """
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    if kind is None:
        raise Permanent(Code.IMAGE_UNREADABLE, "not a picture or PDF; send JPEG, PNG, HEIC or PDF")
    if kind == "pdf":
        for index, image in enumerate(rendered_pages(path)):
            yield Page(index, image, float(limits.PDF_DPI))
    else:
        yield from _picture_pages(guarded_stream(path.read_bytes(), kind), kind)


def encode_jpeg(image: Image, quality: int = 85) -> bytes:
    """Encode BGR or grey as JPEG; `quality` 1-100."""
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())


def _picture_pages(stream: BinaryIO, kind: str) -> Iterator[Page]:
    with _coded_errors(kind):
        picture = _open(stream, kind)
        frames = picture.n_frames if kind == "tiff" else 1
    for index in range(frames):
        with _coded_errors(kind):
            if index:  # a HEIC opens at its primary picture, which need not be the first
                picture.seek(index)
            check_size(*picture.size)
            page = Page(index, to_bgr(picture), _dpi(picture))
        yield page


def _open(stream: BinaryIO, kind: str) -> Any:
    from PIL import Image as Pil

    if kind == "heif":
        import pillow_heif

        pillow_heif.register_heif_opener()
    Pil.MAX_IMAGE_PIXELS = limits.MAX_PIXELS  # a second belt; check_size decides
    return Pil.open(stream, formats=_PLUGINS[kind])


@contextmanager
def _coded_errors(kind: str) -> Iterator[None]:
    """Turn whatever a decoder raises into a code, without its text: it may quote metadata.

    Pillow's plugins raise nearly every built-in exception on broken files, none documented.
    """
    from PIL import ImageFile

    lenient = ImageFile.LOAD_TRUNCATED_IMAGES  # WeasyPrint switches it on for the whole process
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except WorkerError:
        raise
    except Exception as error:
        if type(error).__name__ == "DecompressionBombError":
            raise Permanent(
                Code.IMAGE_TOO_LARGE,
                f"more than {limits.MAX_PIXELS // 1_000_000} megapixels; send a smaller picture",
            ) from None
        raise Permanent(
            Code.IMAGE_UNREADABLE, f"the {kind} file is broken or cut off; send it again"
        ) from None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _dpi(picture: Any) -> float | None:
    dpi = picture.info.get("dpi")
    return float(dpi[0]) if dpi and 50 <= float(dpi[0]) <= 1200 else None
