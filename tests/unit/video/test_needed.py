"""Packets are left out only where no frame looked at could tell."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from analysis.video.extract import Extraction
from analysis.video.frames import Tally, frames
from analysis.video.needed import Coded, Headers, needed
from analysis.video.types import Segment

Film = Callable[..., tuple[Path, dict[str, Any]]]

_X265 = "log-level=none"
CODINGS: dict[str, dict[str, Any]] = {
    "phone.mp4": {"codec": "libx264", "options": {"preset": "veryfast", "bf": "0"}},
    "messenger.mkv": {"codec": "libx264", "options": {"preset": "veryfast", "bf": "3"}},
    "open_groups.mp4": {
        "codec": "libx264",
        "options": {"preset": "veryfast", "bf": "3", "x264-params": "open-gop=1"},
    },
    "interlaced.mkv": {
        "codec": "libx264",
        "options": {"preset": "veryfast", "bf": "2", "x264-params": "interlaced=1"},
    },
    "refreshed.mp4": {
        "codec": "libx264",
        "options": {"preset": "veryfast", "bf": "0", "x264-params": "intra-refresh=1"},
    },
    "marked.ts": {"codec": "libx264", "options": {"preset": "veryfast", "bf": "3"}},
    "unstamped.avi": {"codec": "libx264", "options": {"preset": "veryfast", "bf": "2"}},
    "hevc.mov": {"codec": "libx265", "options": {"preset": "superfast", "x265-params": _X265}},
    "hevc_closed.mkv": {
        "codec": "libx265",
        "options": {"preset": "superfast", "x265-params": f"{_X265}:open-gop=0"},
    },
    "hevc_layers.mp4": {
        "codec": "libx265",
        "options": {"preset": "superfast", "x265-params": f"{_X265}:temporal-layers=3"},
    },
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
}
SAVES = {"phone.mp4", "messenger.mkv", "marked.ts", "hevc.mov", "hevc_closed.mkv"}


def coded(path: Path, codec: str, options: dict[str, str], stamps: list[int]) -> Path:
    """A film of a drifting texture; `stamps` in 1/30 s."""
    rng = np.random.default_rng(7)
    texture = np.kron(rng.integers(0, 256, (90, 90)), np.ones((8, 8))).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 320, 480, "yuv420p", 20
        stream.codec_context.time_base = Fraction(1, 30)
        for stamp in stamps:
            shade = texture[stamp : stamp + 480, 2 * stamp % 300 :][:, :320]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shade), format="gray")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = stamp, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def seen(path: Path, start: float, tally: Tally) -> dict[float, bytes]:
    """Every frame's luma by its time, the whole film decoded."""
    return {frame.time: frame.luma().tobytes() for frame in frames(path, start, tally)}


STEADY = list(range(150))
UNSTEADY = [stamp for stamp in range(150) if stamp % 7 not in (2, 3) and not 40 < stamp < 66]


@pytest.mark.parametrize("stamps", [STEADY, UNSTEADY], ids=["steady", "unsteady"])
@pytest.mark.parametrize("name", CODINGS)
def test_wanted_frames_come_at_the_same_times_with_the_same_pixels(
    tmp_path: Path, name: str, stamps: list[int]
) -> None:
    path = coded(tmp_path / name, stamps=stamps, **CODINGS[name])
    for start in (0.0, 2.5):
        whole, part = Tally(), Tally()
        all_of_them = seen(path, start, whole)
        asked: list[float] = []

        def sixth(index: int, time: float, asked: list[float] = asked) -> bool:
            if index % 6 == 3:
                asked.append(time)
            return index % 6 == 3

        found = {one.time: one.luma().tobytes() for one in frames(path, start, part, sixth)}
        wanted = [time for time in asked if time in all_of_them]
        assert wanted
        assert {time: found.get(time) for time in wanted} == {t: all_of_them[t] for t in wanted}
        assert (part.last, part.corrupt) == (whole.last, 0)
        if name in SAVES:
            assert part.decoded < 0.9 * whole.decoded


def test_samples_are_those_of_a_film_decoded_whole(film: Film) -> None:
    path, _ = film("half.mp4", seed=47, fps=30, gop=30, options={"preset": "veryfast", "bf": "3"})
    extraction = Extraction(path, Segment(0.0, float("inf")))
    runs = list(extraction)
    whole = Tally()
    indices, due = {}, 0
    for frame in frames(path, 0.0, whole):
        if frame.time > due / 5 - 1e-6:
            indices[frame.index] = frame.time
            due += 1
    assert extraction.summary.sampled == len(indices)
    assert extraction.summary.last == round(whole.last, 4)
    assert extraction.summary.decoded < 0.8 * whole.decoded
    assert runs
    assert all(round(indices[run.index], 4) == run.time for run in runs)


KEY, PLAIN, SPARE = Coded(0, True, True), Coded(0, True, False), Coded(0, False, False)
REF1, LEAF1, REF2 = Coded(1, True, False), Coded(1, False, False), Coded(2, True, False)


@pytest.mark.parametrize(
    ("pictures", "wanted", "expected"),
    [
        ([KEY, PLAIN, SPARE, PLAIN, SPARE], "00010", "11010"),
        ([KEY, PLAIN, PLAIN, PLAIN, KEY, PLAIN], "010010", "110010"),
        ([KEY, PLAIN, PLAIN, KEY, PLAIN, PLAIN], "000001", "000111"),
        ([KEY, PLAIN, SPARE, PLAIN, PLAIN], "00000", "00000"),
        ([KEY, SPARE, PLAIN, PLAIN], "0100", "1100"),
        ([KEY, REF1, PLAIN, PLAIN], "0001", "1011"),
        ([KEY, LEAF1, REF2, PLAIN], "0010", "1110"),
        ([KEY, LEAF1, REF1, PLAIN], "0010", "1010"),
        ([KEY, PLAIN, None, KEY, PLAIN], "00000", "11100"),
        ([None, None], "00", "11"),
    ],
)
def test_a_picture_is_needed_by_what_may_be_predicted_from_it(
    pictures: list[Coded | None], wanted: str, expected: str
) -> None:
    marks = [mark == "1" for mark in wanted]
    assert needed(pictures, marks) == [mark == "1" for mark in expected]


AVC, HVC = bytes([1, 100, 0, 30, 0xFF, 0xE1]), bytes([1, *[0] * 20, 3, 0])


@pytest.mark.parametrize(
    ("codec", "setup", "packet", "key", "expected"),
    [
        ("h264", AVC, b"\0\0\0\2\x06\x05\0\0\0\2\x65\x88", True, KEY),
        ("h264", AVC, b"\0\0\0\2\x65\x88", False, PLAIN),
        ("h264", AVC, b"\0\0\0\2\x41\x9a", False, PLAIN),
        ("h264", AVC, b"\0\0\0\2\x01\x9a\0\0\0\2\x01\x9a", False, SPARE),
        ("h264", AVC, b"\0\0\0\2\x01\x9a\0\0\0\2\x41\x9a", False, PLAIN),
        ("h264", AVC, b"\0\0\0\x09\x01\x9a", False, None),
        ("h264", AVC, b"\0\0\0\2\x06\x05", False, None),
        ("h264", AVC, b"", False, None),
        ("h264", b"\0\0\0\1\x67", b"\0\0\0\1\x09\x10\0\0\1\x01\x9a", False, SPARE),
        ("hevc", HVC, b"\0\0\0\3\x26\x01\xaf", True, KEY),
        ("hevc", HVC, b"\0\0\0\3\x2a\x01\xaf", True, PLAIN),
        ("hevc", HVC, b"\0\0\0\3\x00\x01\xaf", False, SPARE),
        ("hevc", HVC, b"\0\0\0\3\x02\x02\xaf", False, REF1),
        ("hevc", HVC, b"\0\0\0\3\x00\x01\xaf\0\0\0\3\x02\x09\xaf", False, SPARE),
        ("vp9", None, b"\x82\x49", True, None),
    ],
)
def test_headers_tell_what_may_be_left_out_and_doubt_keeps_it(
    codec: str, setup: bytes | None, packet: bytes, key: bool, expected: Coded | None
) -> None:
    assert Headers(codec, setup).picture(packet, key) == expected
