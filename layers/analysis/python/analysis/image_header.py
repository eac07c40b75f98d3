"""What has to be known of a file's structure before a decoder may open it.

Pillow checks a picture's size but follows the rest of its structure wherever it leads: a TIFF
tag of ten million numbers, a GIF comment of a hundred thousand blocks, a JPEG of as many scans.
"""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from analysis import limits
from analysis.size_guard import check_page_count, check_size
from faults import Code, Permanent

_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""A marker; inside compressed data 0xff is followed by zero or a restart number (T.81, B.1.1)."""
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_BARE_MARKERS = frozenset({0x01, 0xD8})
"""Markers without a length."""

_TIFF_TEXT_TYPES = frozenset({1, 2, 6, 7})
"""Field types of single bytes, which stay a byte string: profiles and metadata may be long."""
_TIFF_SHORT, _TIFF_LONG = 3, 4
_WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT = 256, 257, 322, 323
_TIFF_ENTRIES = 512
"""Entries of one directory; scanners write about 20."""


def guarded_stream(data: bytes, kind: str) -> BinaryIO:
    """Return the file as the decoder may see it, `kind` as `file_type.format_of` names it.

    Raises `Permanent` with `image_unreadable`, `image_too_large`, `image_too_small` or
    `document_too_long`.
    """
    if kind == "jpeg":
        _check_scans(data)
    elif kind == "tiff":
        _check_tiff(data)
    elif kind == "gif":
        return io.BytesIO(first_gif_frame(data))
    return io.BytesIO(data)


def _check_scans(data: bytes) -> None:
    """Count the scans up to the end marker: phones append whole videos behind it."""
    at, scans = 2, 0
    while found := _JPEG_MARKER.search(data, at):
        marker = data[found.start() + 1]
        if marker == _END_OF_IMAGE:
            return
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        at = found.end() + (0 if marker in _BARE_MARKERS else length)
        scans += marker == _START_OF_SCAN
        if scans > limits.MAX_JPEG_SCANS:
            raise Permanent(
                Code.IMAGE_TOO_LARGE, "the JPEG has too many scans; save it anew and send it again"
            )


def first_gif_frame(data: bytes) -> bytes:
    """Cut an animation down to its first frame and that frame's transparency.

    Raises `Permanent(image_unreadable)` where the blocks do not lead to a frame.
    """
    try:
        at = 13 + _colour_table_bytes(data[10])
        kept = [data[:at]]
        while data[at] == 0x21:  # extension
            end = _skip_blocks(data, at + 2)
            if data[at + 1] == 0xF9 and end - at <= 8:  # graphic control: holds transparency
                kept[1:] = [data[at:end]]
            at = end
        if data[at] == 0x2C:  # image
            blocks = at + 10 + _colour_table_bytes(data[at + 9]) + 1
            end = _skip_blocks(data, blocks)
            return b"".join([*kept, data[at:end], b"\x3b"])
    except IndexError:
        pass
    raise Permanent(Code.IMAGE_UNREADABLE, "the gif file is broken or cut off; send it again")


def _colour_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(data: bytes, at: int) -> int:
    while size := data[at]:
        at += 1 + size
    return at + 1


@dataclass(frozen=True, slots=True)
class _Tag:
    number: int
    type: int
    count: int
    value: int
    """The first number, where it is a SHORT or LONG kept in the directory itself."""


def _check_tiff(data: bytes) -> None:
    """Walk the directories: their number, each one's size in px, the length of each tag."""
    try:
        for index, directory in enumerate(_tiff_directories(data), start=1):
            check_page_count(index)
            _check_directory(directory)
    except struct.error:
        raise Permanent(
            Code.IMAGE_UNREADABLE, "the tiff file is broken or cut off; send it again"
        ) from None


def _tiff_directories(data: bytes) -> Iterator[list[_Tag]]:
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(f"{order}L", data, 4)
    while at:
        (entries,) = struct.unpack_from(f"{order}H", data, at)
        if entries > _TIFF_ENTRIES:
            raise struct.error
        yield [_tag(data, at + 2 + 12 * index, order) for index in range(entries)]
        (at,) = struct.unpack_from(f"{order}L", data, at + 2 + 12 * entries)


def _tag(data: bytes, at: int, order: str) -> _Tag:
    number, kind, count = struct.unpack_from(f"{order}HHL", data, at)
    value = struct.unpack_from(order + ("H" if kind == _TIFF_SHORT else "L"), data, at + 8)[0]
    return _Tag(number, kind, count, value)


def _check_directory(tags: list[_Tag]) -> None:
    for tag in tags:
        if tag.type not in _TIFF_TEXT_TYPES and tag.count > limits.MAX_TIFF_VALUES:
            raise Permanent(
                Code.IMAGE_TOO_LARGE, "the TIFF has too many strips; save it anew and send it again"
            )
    sizes = {tag.number: tag.value for tag in tags if tag.type in (_TIFF_SHORT, _TIFF_LONG)}
    if _WIDTH in sizes and _HEIGHT in sizes:
        check_size(sizes[_WIDTH], sizes[_HEIGHT])
    if sizes.get(_TILE_WIDTH, 0) * sizes.get(_TILE_HEIGHT, 0) > limits.MAX_PIXELS:
        raise Permanent(
            Code.IMAGE_TOO_LARGE, "the TIFF's tiles are too large; save it anew and send it again"
        )
