"""Small videos of every container, and the ways to break one."""

import io
import struct

import numpy as np

WIDTH, HEIGHT = 336, 320


def video(container: str = "mp4", codec: str = "mpeg4", frames: int = 8) -> bytes:
    """A video of that many frames at 10 fps, each a shade lighter than the one before."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(frames):
            shade = np.full((HEIGHT, WIDTH, 3), 20 * index % 256, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")):
                file.mux(packet)
        for packet in stream.encode():
            file.mux(packet)
    return out.getvalue()


def sound() -> bytes:
    """An MP4 that holds a second of silence and no picture."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode()]:
            file.mux(packet)
    return out.getvalue()


def without_index() -> bytes:
    """The recording broke off before the index was written: no moov box at all."""
    data = video()
    return data[: data.index(b"moov") - 4]


def of_an_unknown_codec() -> bytes:
    return video("avi").replace(b"FMP4", b"ZZZZ")


def with_frame_step(step: int, scale: int | None = None) -> bytes:
    """All frames `step` ticks apart, of `scale` ticks a second: 0 is no time, many is hours."""
    data = bytearray(video().replace(b"edts", b"skip"))
    times = data.index(b"stts")
    data[times + 16 : times + 20] = struct.pack(">L", step)
    if scale is not None:
        clock = data.index(b"mdhd") + 16
        data[clock : clock + 4] = struct.pack(">L", scale)
    return bytes(data)


def with_corrupt_packets() -> bytes:
    """The index is whole, every frame is noise."""
    data = bytearray(video("mp4"))
    start = data.index(b"mdat") + 4
    (size,) = struct.unpack(">L", data[start - 8 : start - 4])
    data[start : start + size - 8] = np.random.default_rng(1).bytes(size - 8)
    return bytes(data)


def without_frames() -> bytes:
    """Tracks and times, and no sample in them."""
    return video().replace(b"stsz", b"skip")


def avi_memory_bomb() -> bytes:
    """An AVI whose list of titles says it holds 2 GB, one title of it 1.6 GB."""
    data = bytearray(video("avi"))
    titles = data.index(b"INFO")
    data[titles - 4 : titles] = struct.pack("<L", 0x8000_001A)
    following = data.index(b"JUNK", titles)
    data[following + 4 : following + 8] = struct.pack("<L", 0x6000_0000)
    return bytes(data)
