"""Telling a file's format from its first bytes; its name and declared type are not looked at."""

HEAD_BYTES = 16
"""bytes of a file that `format_of` looks at."""

PICTURES = frozenset({"jpeg", "png", "gif", "bmp", "webp", "tiff", "heif"})
DOCUMENTS = frozenset({"pdf"})
VIDEOS = frozenset({"mp4", "mov", "matroska", "avi"})

_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"%PDF-", "pdf"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
)
_RIFF = {b"WEBP": "webp", b"AVI ": "avi"}
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
)
_QUICKTIME_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""First atoms of QuickTime files older than `ftyp`."""


def format_of(head: bytes) -> str | None:
    """Name the format a file begins as, from its first 16 bytes.

    One of jpeg, png, gif, bmp, webp, tiff, heif, pdf, mp4, mov, matroska (mkv and webm), avi;
    None for anything else.
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _base_media(head[8:12])
    if head[4:8] in _QUICKTIME_ATOMS:
        return "mov"
    # Two letters begin many texts; a bitmap also has four reserved bytes, zero in every writer.
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00":
        return "bmp"
    return None


def _base_media(brand: bytes) -> str:
    if brand in _HEIF_BRANDS:
        return "heif"
    return "mov" if brand == b"qt  " else "mp4"
