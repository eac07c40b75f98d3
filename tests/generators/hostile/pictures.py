"""Files made to hurt whoever opens them, and odd but honest ones, as bytes.

Each is a few kilobytes that ask for gigabytes or hours, or a structure no camera writes.
"""

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

EXIF_ORIENTATION = 0x0112


def corners(width: int = 96, height: int = 64) -> NDArray[np.uint8]:
    """A picture whose four quarters differ: red, green / blue, white (RGB)."""
    pixels = np.zeros((height, width, 3), np.uint8)
    half_y, half_x = height // 2, width // 2
    pixels[:half_y, :half_x] = (255, 0, 0)
    pixels[:half_y, half_x:] = (0, 255, 0)
    pixels[half_y:, :half_x] = (0, 0, 255)
    pixels[half_y:, half_x:] = (255, 255, 255)
    return pixels


def encoded(picture: Pil.Image, format_name: str, **options: object) -> bytes:
    """A Pillow picture as a file."""
    out = io.BytesIO()
    picture.save(out, format_name, **options)
    return out.getvalue()


def jpeg(width: int = 96, height: int = 64, **options: object) -> bytes:
    return encoded(Pil.fromarray(corners(width, height)), "JPEG", **options)


def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A bilevel PNG of about 100 kB that is 900 megapixels."""
    return png(width, height, 1, 0, zeros((width // 8 + 1) * height))


def zeros(count: int) -> bytes:
    """`count` zero bytes as zlib has them, packed at once: a flushed megabyte, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(count & 0xFFFFF)) + packer.flush()
    checksum = (count % 65521) << 16 | 1
    return b"\x78\xda" + megabyte * (count >> 20) + rest + struct.pack(">L", checksum)


def png(width: int, height: int, depth: int, colour: int, deflated: bytes, *extra: bytes) -> bytes:
    header = struct.pack(">LLBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = (png_chunk(b"IHDR", header), *extra, png_chunk(b"IDAT", deflated))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + png_chunk(b"IEND", b"")


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def png_text_bomb() -> bytes:
    """Compressed text chunks that inflate to a gigabyte before the first pixel."""
    text = png_chunk(b"zTXt", b"Comment\x00\x00" + zeros(64 << 20))
    return png(64, 64, 8, 0, zlib.compress(bytes(65 * 64)), *([text] * 16))


def jpeg_of_declared_size(width: int, height: int) -> bytes:
    """A small JPEG whose frame header lies about its size."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_scan_bomb(scans: int = 20_000) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    data = jpeg(2048, 2048, progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + b"\xff\xd9"


def gif_frames(frames: int = 10_000) -> bytes:
    """An animation of that many frames, the first one honest."""
    data = encoded(Pil.fromarray(corners()).quantize(16), "GIF")
    start = _gif_blocks_at(data)
    return data[:-1] + data[start:-1] * (frames - 1) + b"\x3b"


def gif_comment_bomb(size: int = 20_000_000) -> bytes:
    """One comment of many blocks; joining them one by one costs hours."""
    data = encoded(Pil.fromarray(corners()).quantize(16), "GIF")
    start = _gif_blocks_at(data)
    comment = b"\x21\xfe" + (b"\xff" + b"x" * 255) * (size // 256) + b"\x00"
    return data[:start] + comment + data[start:]


def _gif_blocks_at(data: bytes) -> int:
    """Where the blocks begin, after the screen's descriptor and colours."""
    return 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)


def tiff(
    entries: list[tuple[int, int, int, int]], *, following: int = 0, tail: bytes = b""
) -> bytes:
    """A TIFF of one directory; an entry is (tag, type, count, value or offset)."""
    packed = b"".join(struct.pack("<HHLL", *entry) for entry in sorted(entries))
    directory = struct.pack("<H", len(entries)) + packed + struct.pack("<L", following)
    return b"II*\x00\x08\x00\x00\x00" + directory + tail


def tiff_entries(width: int = 64, height: int = 64) -> list[tuple[int, int, int, int]]:
    return [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (277, 3, 1, 1), (278, 4, 1, height), (273, 4, 1, 200), (279, 4, 1, width * height),
    ]  # fmt: skip


def tiff_strip_bomb(strips: int = 5_000_000) -> bytes:
    """Five million strip offsets: 20 MB of file, gigabytes of Python objects."""
    entries = [entry for entry in tiff_entries() if entry[0] not in (273, 278, 279)]
    entries += [(278, 4, 1, 1), (273, 4, strips, 200), (279, 4, strips, 200)]
    return tiff(entries, tail=bytes(4 * strips + 200))


def tiff_loop() -> bytes:
    """A directory that names itself as the next one."""
    return tiff(tiff_entries(), following=8, tail=bytes(64 * 64 + 200))


def tiff_tile_bomb() -> bytes:
    """A picture of 64 x 64 px kept in one tile of 60,000 x 60,000."""
    entries = [entry for entry in tiff_entries() if entry[0] not in (273, 278, 279, 259)]
    entries += [(259, 3, 1, 8), (322, 4, 1, 60_000), (323, 4, 1, 60_000)]
    entries += [(324, 4, 1, 200), (325, 4, 1, 100)]
    return tiff(entries, tail=bytes(400))


def bmp_bomb() -> bytes:
    info = struct.pack("<LllHHLLllLL", 40, 30_000, 30_000, 1, 24, 0, 0, 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<LHHL", 54 + 100, 0, 0, 54) + info + bytes(100)


def webp_bomb() -> bytes:
    """An extended WebP that declares the largest canvas, 16,383 px squared."""
    canvas = struct.pack("<L", 0x02) + (16_382).to_bytes(3, "little") * 2
    small = encoded(Pil.fromarray(corners()), "WEBP", lossless=True)[12:]
    frame = bytes(6) + (95).to_bytes(3, "little") + (63).to_bytes(3, "little") + bytes(4) + small
    chunks = b"".join(
        name + struct.pack("<L", len(data)) + data + bytes(len(data) & 1)
        for name, data in ((b"VP8X", canvas), (b"ANIM", bytes(6)), (b"ANMF", frame))
    )
    return b"RIFF" + struct.pack("<L", 4 + len(chunks)) + b"WEBP" + chunks


def heif_lying_about_size() -> bytes:
    """An HEIF of 3000 x 3000 px whose property box declares 100 x 100."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    data = bytearray(encoded(Pil.new("L", (3000, 3000), 200), "HEIF", quality=10))
    for at in range(len(data) - 16):
        if data[at : at + 4] == b"ispe":
            data[at + 8 : at + 16] = struct.pack(">LL", 100, 100)
    return bytes(data)


HARMLESS_LOOKING_TEXTS = {
    "text": b"The quick brown fox jumps over the lazy dog. " * 20,
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "html": b"<!doctype html><script>alert(1)</script>" * 5,
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\nshowpage\n" * 5,
    "zip": b"PK\x03\x04" + bytes(100),
    "elf": b"\x7fELF" + bytes(100),
    "two letters of a bitmap": b"BMW is a car maker from Bavaria. " * 10,
    "xpm": b"/* XPM */ static char *x[] = {" * 5,
}
"""What may arrive named `.jpg`."""
