"""Which packets must be decoded to see some of a film's frames, as their own headers tell.

Half of what HEVC, and H.264 with B-frames, codes is predicted from and predicts nothing; and what
follows the last frame looked at before an IDR picture predicts nothing that is. Neither is missed:
all other frames come out the same, pixel for pixel. NAL unit headers: ITU-T H.264, 7.3.1 and table
7-1; H.265, 7.3.1.2 and table 7-1. Of other codecs every packet is needed.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

_H264_SLICES = range(1, 6)
_H264_IDR = 5
_HEVC_PICTURES = range(32)
_HEVC_IDR = (19, 20)
_HEVC_SUB_LAYER = range(16)
"""Types of pictures of which the even ones predict nothing in their own temporal layer."""
_TOP_LAYER = 7


class Coded(NamedTuple):
    """One packet's picture: its temporal `layer`; whether others of that layer may be predicted
    from it (`referenced`), those of higher layers may; whether nothing after it is predicted from
    before it (`restarts`)."""

    layer: int
    referenced: bool
    restarts: bool


def needed(pictures: Sequence[Coded | None], wanted: Sequence[bool]) -> list[bool]:
    """Tell, in order of decoding, which packets the wanted ones need, themselves included.

    A packet whose header told nothing is needed, and whatever it may be predicted from.
    """
    found = [False] * len(pictures)
    asked = -1  # the highest layer among the needed that may be predicted from what comes before
    for place in range(len(pictures) - 1, -1, -1):
        picture = pictures[place]
        if picture is None:
            found[place], asked = True, _TOP_LAYER
            continue
        predicts = asked >= picture.layer if picture.referenced else asked > picture.layer
        if wanted[place] or predicts:
            found[place] = True
            asked = max(asked, picture.layer)
        if picture.restarts:
            asked = -1
    return found


class Headers:
    """Reads the headers of one stream's packets; `setup` is what the container says of it."""

    def __init__(self, codec: str, setup: bytes | None) -> None:
        self._read = {"h264": _h264, "hevc": _hevc}.get(codec)
        self._prefix = _prefix(codec, setup or b"")

    def picture(self, packet: Any, key: bool) -> Coded | None:
        """What a packet (a buffer) holds; None where its header does not tell.

        Only a `key` packet, as the container has it, restarts: a damaged header may claim so.
        """
        if self._read is None:
            return None
        content = bytes(packet)
        units = _prefixed(content, self._prefix) if self._prefix else _marked(content)
        try:
            return self._read(content, units, key)
        except (IndexError, ValueError):
            return None


def _prefix(codec: str, setup: bytes) -> int:
    """Bytes of the length before each unit (ISO/IEC 14496-15); 0 where start codes are used."""
    place = 21 if codec == "hevc" else 4
    if len(setup) <= place or setup[:3] in (b"\0\0\0", b"\0\0\1"):
        return 0
    return (setup[place] & 3) + 1


def _prefixed(packet: bytes, prefix: int) -> Iterator[int]:
    """Offsets of the units of a packet; raises `ValueError` if they do not fill it."""
    place = 0
    while place < len(packet):
        first = place + prefix
        place = first + int.from_bytes(packet[place:first], "big")
        if place > len(packet):
            raise ValueError("a unit ends beyond its packet")
        if place > first:
            yield first


def _marked(packet: bytes) -> Iterator[int]:
    """Offsets of the units of a packet with start codes."""
    place = packet.find(b"\0\0\1")
    while place >= 0:
        yield place + 3
        place = packet.find(b"\0\0\1", place + 3)


def _h264(packet: bytes, units: Iterator[int], key: bool) -> Coded | None:
    heads = [packet[unit] for unit in units]
    slices = [head for head in heads if head & 31 in _H264_SLICES]
    if not slices:
        return None
    restarts = key and all(head & 31 == _H264_IDR for head in slices)
    return Coded(0, any(head & 0x60 for head in slices), restarts)


def _hevc(packet: bytes, units: Iterator[int], key: bool) -> Coded | None:
    slices = []
    for unit in units:
        one, two = packet[unit], packet[unit + 1]
        kind, view = one >> 1 & 63, (one & 1) << 5 | two >> 3
        if kind in _HEVC_PICTURES and not view:  # the view of a second eye is not decoded
            slices.append((kind, (two & 7) - 1))
    if not slices:
        return None
    referenced = any(kind not in _HEVC_SUB_LAYER or kind % 2 for kind, _ in slices)
    restarts = key and all(kind in _HEVC_IDR for kind, _ in slices)
    return Coded(max(layer for _, layer in slices), referenced, restarts)
