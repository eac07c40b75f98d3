"""The refusal of a picture by what its header declares; light enough for the PDF child."""

from analysis import limits
from faults import Code, Permanent


def check_size(width: int, height: int) -> None:
    """Refuse a picture by its size in px.

    Raises `Permanent` with `image_too_large` or `image_too_small`.
    """
    if max(width, height) > limits.MAX_SIDE or width * height > limits.MAX_PIXELS:
        raise Permanent(
            Code.IMAGE_TOO_LARGE,
            f"{width}x{height} px; at most {limits.MAX_PIXELS // 1_000_000} megapixels"
            f" and {limits.MAX_SIDE} px a side",
        )
    if min(width, height) < limits.MIN_SIDE:
        raise Permanent(Code.IMAGE_TOO_SMALL, f"{width}x{height} px is too small to read")


def check_page_count(count: int) -> None:
    """Refuse a long document. Raises `Permanent(document_too_long)`."""
    if count > limits.MAX_DOCUMENT_PAGES:
        raise Permanent(
            Code.DOCUMENT_TOO_LONG,
            f"more than {limits.MAX_DOCUMENT_PAGES} pages; send at most that many at once",
        )
