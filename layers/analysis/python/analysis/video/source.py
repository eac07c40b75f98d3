"""Opening a video a stranger sent: everything is refused here that can be refused undecoded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analysis.memory_guard import memory_bound
from analysis.video import limits
from analysis.video.cost import cpu_seconds
from analysis.video.needed import Headers
from analysis.video.packets import Packets, samples
from analysis.video.types import Facts
from faults import Code, Permanent

_STILLS = frozenset({"png", "bmp", "gif", "webp", "tiff", "image2"})
_HDR = frozenset({16, 18})
"""Transfer characteristics PQ and HLG (ITU-T H.273, table 3)."""
_MADE_UP = frozenset({"avi", "h264", "hevc"})
"""Containers that store no time of presentation: what FFmpeg makes up for packets is not what it
gives to their frames."""
_TRIED = 64
"""Packets decoded at most until a frame comes out that tells how the camera was held."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Yield (container, its first video stream); always closed, one thread.

    Raises `Permanent` with `video_unreadable` or `video_no_stream`.
    """
    import av

    av.logging.set_level(None)
    try:
        with memory_bound(limits.OPEN_BYTES):
            container = av.open(str(path), metadata_errors="ignore")
    except (av.error.FFmpegError, OSError, ValueError, UnicodeError, MemoryError):
        raise _unreadable() from None
    try:
        if not container.streams.video or container.format.name.split("_")[0] in _STILLS:
            raise Permanent(
                Code.VIDEO_NO_STREAM, "the file holds no moving picture; send the video itself"
            )
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise Permanent(
                Code.VIDEO_UNREADABLE, "a codec nobody here knows; film it with the phone's camera"
            )
        # A stream may grow in its middle: what the header says binds the decoder.
        stream.codec_context.options = {"max_pixels": str(limits.MAX_WIDTH * limits.MAX_HEIGHT)}
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        yield container, stream
    finally:
        container.close()


def probe(path: Path) -> Facts:
    """Read headers and packets, decode at most one frame; about 0.03 s per minute of video.

    Raises `Permanent` with `video_unreadable`, `video_no_stream`, `video_no_frames`,
    `video_too_small`, `video_too_large` or `video_too_long`.
    """
    with opened(path) as (container, stream):
        width, height = int(stream.codec_context.width), int(stream.codec_context.height)
        _check_size(width, height)
        declared = _declared(container, stream)
        _check_length(declared)
        held, rotation = _looked_through(container, stream, turned=True)
        pixel_format = str(stream.codec_context.pix_fmt or "")
        codec = str(stream.codec_context.name)
        profile = str(stream.codec_context.profile or "")
        transfer = int(getattr(stream.codec_context, "color_trc", 0) or 0)
    times = held.ordered
    if not len(times):
        raise Permanent(Code.VIDEO_NO_FRAMES, "the video holds no frame; film it again")
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    duration = float(times[-1] - times[0]) + step
    _check_length(duration)
    fps = len(times) / duration if duration > 0 else 0.0
    unneeded = held.unneeded(samples())
    kept = [
        size for stamp, size in zip(held.stamps, held.sizes, strict=True) if stamp not in unneeded
    ]
    if rotation in (90, 270):
        width, height = height, width
    return Facts(
        width=width,
        height=height,
        codec=codec,
        pixel_format=pixel_format,
        fps=round(fps, 3),
        rotation=rotation,
        packets=len(times),
        declared=round(declared or duration, 3),
        duration=round(duration, 3),
        hdr=transfer in _HDR,
        key_times=tuple(round(float(time), 4) for time in np.sort(held.times[held.keys])),
        cost=cpu_seconds(
            codec,
            profile,
            width * height,
            decoded=len(kept),
            size=sum(kept),
            samples=min(fps, 5.0) * duration,
        ),
    )


def packets(path: Path) -> Packets:
    """Read all packets of the file, decode none.

    Raises as `opened`.
    """
    with opened(path) as (container, stream):
        return _looked_through(container, stream)[0]


@dataclass(frozen=True, slots=True)
class Clock:
    """A stream's stamps as s from its first frame: times of a result count from there.

    In whole numbers, divided last: a `Fraction` gives the same and takes ten times as long, which
    shows at 30 frames a second.
    """

    first: float
    over: int
    under: int

    def at(self, stamp: int) -> float:
        """Time of a stamp, s."""
        return stamp * self.over / self.under - self.first

    def stamp(self, time: float) -> int:
        """The stamp at or before a time, s."""
        return int((time + self.first) * self.under / self.over)


def clock_of(stream: Any) -> Clock:
    """The clock of an open stream."""
    base = stream.time_base
    first = float((stream.start_time or 0) * base)
    return Clock(first, base.numerator, base.denominator)


def _looked_through(container: Any, stream: Any, turned: bool = False) -> tuple[Packets, int]:
    """All packets, and if asked how the camera was held: degrees, from the first frame decoded."""
    clock = clock_of(stream)
    headers = Headers(str(stream.codec_context.name), stream.codec_context.extradata)
    made_up = container.format.name in _MADE_UP
    rotation = None if turned else 0
    times: list[float] = []
    found = Packets(np.empty(0), np.empty(0), [], [], [], [], [])
    for tried, (packet, stamp) in enumerate(_stamped(container, stream)):
        if rotation is None:
            rotation = _rotation(packet) if tried <= _TRIED else 0
        times.append(clock.at(stamp))
        found.stamps.append(None if made_up else packet.pts)
        found.sizes.append(packet.size)
        found.keys.append(bool(packet.is_keyframe))
        found.shown.append(not packet.is_discard)
        found.pictures.append(headers.picture(packet, found.keys[-1]))
    all_times = np.array(times, np.float64)
    return replace(found, times=all_times, ordered=np.sort(all_times)), rotation or 0


def _stamped(container: Any, stream: Any) -> Iterator[tuple[Any, int]]:
    """Packets that hold a frame, each with its stamp, up to the first that cannot be read."""
    import av

    count = 0
    try:
        for packet in container.demux(stream):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is None or not packet.size:
                continue
            count += 1
            if count > limits.MAX_PACKETS:
                raise _too_long()
            yield packet, stamp
    except av.error.FFmpegError:
        pass  # what came before the break is still there; the lengths differ and tell


def _rotation(packet: Any) -> int | None:
    """Degrees by which a packet's frame must be turned (its display matrix); None without one."""
    import av

    try:
        for frame in packet.decode():
            return int(frame.rotation) % 360
    except av.error.FFmpegError:
        return 0
    return None


def _declared(container: Any, stream: Any) -> float | None:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None


def _check_size(width: int, height: int) -> None:
    long, short = max(width, height), min(width, height)
    if short < limits.MIN_SIDE:
        raise Permanent(
            Code.VIDEO_TOO_SMALL,
            f"{width}x{height} px is too small to read; film at 720p or better",
        )
    if long > limits.MAX_WIDTH or short > limits.MAX_HEIGHT:
        raise Permanent(
            Code.VIDEO_TOO_LARGE,
            f"{width}x{height} px is larger than {limits.MAX_WIDTH}x{limits.MAX_HEIGHT}; "
            "film at 1080p",
        )


def _check_length(seconds: float | None) -> None:
    if seconds is not None and seconds > limits.MAX_SECONDS:
        raise _too_long()


def _too_long() -> Permanent:
    return Permanent(
        Code.VIDEO_TOO_LONG,
        f"the video is longer than {limits.MAX_SECONDS / 60:.0f} min; send it in parts",
    )


def _unreadable() -> Permanent:
    return Permanent(
        Code.VIDEO_UNREADABLE, "not a video that can be read, or cut off; send it again"
    )
