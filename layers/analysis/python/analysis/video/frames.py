"""Decoded frames as planes in place: no colour conversion, no copy, time from PTS alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image
from analysis.video import limits
from analysis.video.packets import Wanted
from analysis.video.source import clock_of, opened, packets

Plane = NDArray[np.uint8]

_PLANAR = {
    # pixel format: bits of a luma sample
    "yuv420p": 8, "yuvj420p": 8, "yuv422p": 8, "yuvj422p": 8, "yuv444p": 8, "nv12": 8,
    "gray": 8, "yuv420p10le": 10, "yuv422p10le": 10, "yuv444p10le": 10, "yuv420p12le": 12,
}  # fmt: skip
_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


@dataclass(slots=True)
class Tally:
    """Counts of one pass: frames `decoded`, of them `corrupt`, and the time of the `last` frame
    decoded or left out."""

    decoded: int = 0
    corrupt: int = 0
    last: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded frame, not yet turned; `time` in s from the video's first frame."""

    index: int
    time: float
    corrupt: bool
    rotation: int
    raw: Any

    def luma(self) -> Plane:
        """The luma plane (h, w) as the decoder left it: a view, uint8 (or uint16 if deep)."""
        plane = _planar(self.raw).planes[0]
        deep = _PLANAR[_planar(self.raw).format.name] > 8
        row = _row(plane, deep)
        pitch = plane.line_size // (2 if deep else 1)
        plane_of: Plane = row.reshape(-1, pitch)[: self.raw.height, : self.raw.width]
        return plane_of

    def depth_shift(self) -> int:
        """Bits by which a luma sample exceeds 8."""
        return _PLANAR[_planar(self.raw).format.name] - 8

    def chroma(self, width: int, height: int) -> tuple[Plane, Plane] | None:
        """U and V at (height, width), uint8; None for a format without planes of its own."""
        raw = _planar(self.raw)
        if raw.format.name in ("nv12", "gray"):
            return None
        deep = _PLANAR[raw.format.name] > 8
        found = []
        for plane in raw.planes[1:3]:
            pitch = plane.line_size // (2 if deep else 1)
            values = _row(plane, deep).reshape(-1, pitch)
            small = reduced(values[: plane.height, : plane.width], (width, height))
            found.append(to_8_bit(small, self.depth_shift()))
        return found[0], found[1]

    def upright(self, picture: Plane) -> Plane:
        """Turn a plane or picture taken from this frame as the camera was held."""
        turn = _TURNS.get(self.rotation)
        return picture if turn is None else np.asarray(cv2.rotate(picture, turn), np.uint8)

    def picture(self) -> Image:
        """The frame as BGR, upright, at most `KEPT_LONG_SIDE` px long."""
        scale = min(1.0, limits.KEPT_LONG_SIDE / max(self.raw.width, self.raw.height))
        if scale < 1:
            size = {
                "width": round(self.raw.width * scale),
                "height": round(self.raw.height * scale),
            }
            return self.upright(self.raw.reformat(format="bgr24", **size).to_ndarray())
        return self.upright(self.raw.to_ndarray(format="bgr24"))

    @property
    def reduced(self) -> bool:
        """Whether `picture` is smaller than the frame."""
        return bool(max(self.raw.width, self.raw.height) > limits.KEPT_LONG_SIDE)


def reduced(plane: Plane, size: tuple[int, int]) -> Plane:
    """A plane averaged down to `size` (width, height)."""
    while plane.shape[0] % (2 * size[1]) == 0 and plane.shape[1] % (2 * size[0]) == 0:
        # OpenCV halves ten times as fast as it quarters.
        plane = np.asarray(
            cv2.resize(plane, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), plane.dtype
        )
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), plane.dtype)


def to_8_bit(values: Any, shift: int) -> Plane:
    """Samples that exceed 8 bits by `shift` as uint8."""
    return np.asarray(values >> shift if shift else values, np.uint8)


def _row(plane: Any, deep: bool) -> Any:
    return np.frombuffer(plane, np.uint16 if deep else np.uint8)


def _planar(raw: Any) -> Any:
    return raw if raw.format.name in _PLANAR else raw.reformat(format="yuv420p")


def _any(index: int, time: float) -> bool:
    return True


def frames(
    path: Path, start: float, tally: Tally, wanted: Wanted = _any, fast: bool = False
) -> Iterator[Frame]:
    """Decode from the last key frame before `start` (s) on; broken packets are counted.

    Every wanted frame comes, and those it is predicted from, by time; frames that nobody needs are
    left out. `index` is the frame's place among all packets by time, wherever decoding began.
    `fast` wants of each group of pictures the first `FAST_SECONDS` only.
    Raises as `opened`.
    """
    import av

    held = packets(path)
    unneeded = held.unneeded(wanted, fast)
    with opened(path) as (container, stream):
        seconds = clock_of(stream)
        if start > 0:
            container.seek(seconds.stamp(start), stream=stream, backward=True)
        for packet in _packets(container, stream, tally):
            if packet.pts in unneeded:
                tally.last = max(tally.last, seconds.at(packet.pts))
                continue
            try:
                decoded = packet.decode()
            except av.error.FFmpegError:
                tally.corrupt += 1
                continue
            for raw in decoded:
                stamp = raw.pts if raw.pts is not None else raw.dts
                time = seconds.at(stamp) if stamp is not None else tally.last
                index = max(0, held.index(time))
                tally.decoded += 1
                tally.corrupt += bool(raw.is_corrupt)
                tally.last = max(tally.last, time)
                if raw.interlaced_frame:  # the other half of a frame may be a packet of its own
                    unneeded = frozenset()
                yield Frame(index, time, bool(raw.is_corrupt), int(raw.rotation) % 360, raw)


def _packets(container: Any, stream: Any, tally: Tally) -> Iterator[Any]:
    """Packets up to the first that cannot be read, which counts as corrupt."""
    import av

    try:
        yield from container.demux(stream)
    except (av.error.FFmpegError, ValueError):
        tally.corrupt += 1
