"""Opening pictures and documents that strangers sent: header first, pixels after."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis import limits
from faults import Code, Permanent

Image = NDArray[np.uint8]
"""uint8, height x width x 3, BGR (or height x width, grey, where a function says so)."""

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a picture or document; `index` counts from 0, `dpi` is None for a photo."""

    index: int
    image: Image
    dpi: float | None = None


def kind_of(head: bytes) -> str | None:
    """Name a file's format from its first 16 bytes.

    One of jpeg, png, gif, bmp, webp, tiff, heif, pdf; None for anything else. The name of a file and its declared type are not looked at.
    """
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "heif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    for magic, name in (
        (b"\xff\xd8\xff", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF8", "gif"),
        (b"BM", "bmp"),
        (b"II*\x00", "tiff"),
        (b"MM\x00*", "tiff"),
        (b"%PDF-", "pdf"),
    ):
        if head.startswith(magic):
            return name
    return None


def read_image(path: Path) -> Image:
    """Read the first page of a picture or document as BGR, turned upright by its EXIF tag.

    Raises `Permanent` with `image_unreadable`, `image_too_large`, `image_too_small`,
    `document_unreadable` or `document_too_long`.
    """
    return next(read_pages(path)).image


def read_pages(path: Path) -> Iterator[Page]:
    """Yield every page of a picture, multi-page TIFF or PDF; one page is in memory at a time.

    Raises as `read_image`.
    """
    with path.open("rb") as file:
        kind = kind_of(file.read(16))
    if kind is None:
        raise Permanent(Code.IMAGE_UNREADABLE, "not a picture or PDF; send JPEG, PNG, HEIC or PDF")
    if kind == "pdf":
        yield from _pdf_pages(path)
    else:
        yield from _picture_pages(path, kind)


def encode_jpeg(image: Image, quality: int = 85) -> bytes:
    """Encode BGR or grey as JPEG; `quality` 1-100."""
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())


def check_size(width: int, height: int) -> None:
    """Refuse a picture by the size in px that its header declares."""
    if max(width, height) > limits.MAX_SIDE or width * height > limits.MAX_PIXELS:
        raise Permanent(
            Code.IMAGE_TOO_LARGE,
            f"{width}x{height} px; at most {limits.MAX_PIXELS // 1_000_000} megapixels",
        )
    if min(width, height) < limits.MIN_SIDE:
        raise Permanent(Code.IMAGE_TOO_SMALL, f"{width}x{height} px is too small to read")


def _picture_pages(path: Path, kind: str) -> Iterator[Page]:
    from PIL import Image as Pil
    from PIL import ImageOps

    if kind == "heif":
        import pillow_heif

        pillow_heif.register_heif_opener()
    Pil.MAX_IMAGE_PIXELS = None  # check_size decides, before pixels are allocated
    try:
        with Pil.open(path) as picture:
            frames = getattr(picture, "n_frames", 1) if kind == "tiff" else 1
            _check_page_count(frames)
            for index in range(frames):
                picture.seek(index)
                check_size(*picture.size)
                upright = ImageOps.exif_transpose(picture)
                yield Page(index, _to_bgr(upright), _dpi(picture))
    except Permanent:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise Permanent(
            Code.IMAGE_UNREADABLE, f"the {kind} file is broken or cut off; send it again"
        ) from error


def _to_bgr(picture: Any) -> Image:
    """Flatten alpha on white, 16 bit to 8, CMYK and palette to RGB, then BGR."""
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        values = np.asarray(picture, dtype=np.float32)
        top = 65535.0 if picture.mode.startswith("I") and values.max(initial=0) > 255 else 255.0
        grey = np.clip(values * (255.0 / top), 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if "A" in picture.getbands() or "transparency" in picture.info:
        from PIL import Image as Pil

        rgba = picture.convert("RGBA")
        paper = Pil.new("RGBA", rgba.size, "white")
        picture = Pil.alpha_composite(paper, rgba)
    rgb = np.asarray(picture.convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _dpi(picture: Any) -> float | None:
    dpi = picture.info.get("dpi")
    return float(dpi[0]) if dpi and 50 <= float(dpi[0]) <= 1200 else None


def _check_page_count(count: int) -> None:
    if count > limits.MAX_DOCUMENT_PAGES:
        raise Permanent(
            Code.DOCUMENT_TOO_LONG,
            f"{count} pages; send at most {limits.MAX_DOCUMENT_PAGES} at once",
        )


def _pdf_pages(path: Path) -> Iterator[Page]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise Permanent(
            Code.DOCUMENT_UNREADABLE, "the PDF is broken or locked by a password"
        ) from error
    with document:
        if not len(document):
            raise Permanent(Code.DOCUMENT_UNREADABLE, "the PDF has no page")
        _check_page_count(len(document))
        for index in range(len(document)):
            page = document[index]
            scale = limits.PDF_DPI / 72
            width, height = page.get_size()
            check_size(round(width * scale), round(height * scale))
            image = page.render(scale=scale, rev_byteorder=False).to_numpy()
            bgr = image[:, :, :3] if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
            yield Page(index, np.ascontiguousarray(bgr), float(limits.PDF_DPI))
