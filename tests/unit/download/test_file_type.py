"""What a file is, by its first bytes."""

import pytest

from file_type import DOCUMENTS, PICTURES, VIDEOS, format_of
from tests.generators.hostile.pictures import HARMLESS_LOOKING_TEXTS


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe1", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"BM\x9e\x00\x00\x00\x00\x00\x00\x00\x36", "bmp"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"II*\x00\x08", "tiff"),
        (b"MM\x00*\x00", "tiff"),
        (b"\x00\x00\x00\x18ftypheic", "heif"),
        (b"\x00\x00\x00\x18ftypmif1", "heif"),
        (b"\x00\x00\x00\x1cftypavif", "heif"),
        (b"%PDF-1.7", "pdf"),
        (b"\x00\x00\x00\x20ftypisom", "mp4"),
        (b"\x00\x00\x00\x1cftypmp42", "mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "mov"),
        (b"\x00\x00\x00\x08wide\x00\x01", "mov"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86", "matroska"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "avi"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"\x89PNG\n", None),
        (b"GIF90a", None),
        (b"\xff\xd8", None),
        (b" %PDF-1.7", None),
        (b"", None),
    ],
)
def test_the_first_bytes_name_the_format(head: bytes, name: str | None) -> None:
    assert format_of(head) == name


@pytest.mark.parametrize("text", HARMLESS_LOOKING_TEXTS.values(), ids=HARMLESS_LOOKING_TEXTS)
def test_texts_programs_and_archives_are_no_format(text: bytes) -> None:
    assert format_of(text[:16]) is None


def test_no_format_is_of_two_kinds() -> None:
    assert len(PICTURES | DOCUMENTS | VIDEOS) == len(PICTURES) + len(DOCUMENTS) + len(VIDEOS)
