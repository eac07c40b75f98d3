"""What strangers send: typed refusals, nothing read that should not be, no silence."""

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from analysis.video.analyse import analyse
from analysis.video.source import probe
from faults import Code, Permanent

Film = Callable[..., tuple[Path, dict[str, Any]]]


def refused(path: Path) -> Code:
    with pytest.raises(Permanent) as caught:
        analyse(path)
    assert str(path) not in caught.value.message
    return caught.value.code


def write(path: Path, size: tuple[int, int], stamps: list[int], base: int = 15) -> Path:
    """A film of grey frames at `stamps` (in 1/base s)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=base, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, base)
        for stamp in stamps:
            shade = np.full((size[1], size[0], 3), 40 + stamp % 150, np.uint8)
            frame = av.VideoFrame.from_ndarray(shade, format="bgr24")
            frame.pts, frame.time_base = stamp, Fraction(1, base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 5000, b"no film at all " * 400, b"\x00\x00\x00\x18ftypmp42" + b"\x07" * 4000],
    ids=["empty", "zeros", "text", "header-only"],
)
def test_what_is_no_video_is_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    assert refused(path) in (Code.VIDEO_UNREADABLE, Code.VIDEO_NO_STREAM)


def test_a_file_without_its_index_is_unreadable(film: Film, tmp_path: Path) -> None:
    data = film()[0].read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: data.rindex(b"moov") - 4])
    assert refused(tmp_path / "cut.mp4") == Code.VIDEO_UNREADABLE


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        for index in range(20):
            silence = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, index * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert refused(path) == Code.VIDEO_NO_STREAM


@pytest.mark.parametrize(
    ("size", "code"),
    [((16, 16), Code.VIDEO_TOO_SMALL), ((7680, 4320), Code.VIDEO_TOO_LARGE)],
)
def test_sizes_nobody_films_in_are_refused(
    tmp_path: Path, size: tuple[int, int], code: Code
) -> None:
    assert refused(write(tmp_path / "film.mp4", size, [0])) == code


def test_four_hours_are_refused_before_decoding(tmp_path: Path) -> None:
    path = write(tmp_path / "long.mp4", (320, 320), [0, 15, 4 * 3600 * 15])
    assert refused(path) == Code.VIDEO_TOO_LONG


def test_a_cut_off_film_is_read_and_told(film: Film, tmp_path: Path) -> None:
    source = film(pages=5, seed=41)[0]
    whole = tmp_path / "faststart.mp4"
    with (
        av.open(str(source)) as before,
        av.open(str(whole), "w", options={"movflags": "faststart"}) as after,
    ):
        stream = after.add_stream_from_template(before.streams.video[0])
        for packet in before.demux(before.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                after.mux(packet)
    data = whole.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: int(len(data) * 0.55)])
    found = analyse(cut)
    assert "truncated" in found.warnings
    assert 0 < len(found.pages) < 5
    assert found.facts.duration < 0.8 * found.facts.declared


def test_corrupt_packets_are_counted_and_never_shown(film: Film, tmp_path: Path) -> None:
    source = film(pages=5, seed=41)[0]
    data = bytearray(source.read_bytes())
    rng = np.random.default_rng(5)
    for place in rng.integers(len(data) // 4, int(len(data) * 0.75), 40):
        data[place : place + 200] = rng.bytes(200)
    path = tmp_path / "hit.mp4"
    path.write_bytes(data)
    found = analyse(path)
    assert any(said.startswith("corrupt_frames: ") for said in found.warnings)
    assert found.extracted.corrupt > 0
    assert found.pages


def test_frames_that_cannot_be_decoded_never_count_as_read(film: Film, tmp_path: Path) -> None:
    source = film()[0]
    data = bytearray(source.read_bytes())
    start, size = _box(data, b"mdat")
    data[start + 8 : start + size] = b"\xff" * (size - 8)
    path = tmp_path / "dead.mp4"
    path.write_bytes(data)
    assert refused(path) == Code.VIDEO_NO_FRAMES


def test_one_frame_is_no_page_and_no_crash(tmp_path: Path) -> None:
    found = analyse(write(tmp_path / "one.mp4", (320, 480), [0]))
    assert found.facts.packets == 1
    assert found.pages == ()
    assert "no_pages" in found.warnings


def test_time_comes_from_stamps_not_from_a_frame_rate(tmp_path: Path) -> None:
    stamps = [0, 1, 2, 10, 11, 30, 31, 32, 60]
    facts = probe(write(tmp_path / "vfr.mp4", (320, 320), stamps))
    assert facts.packets == len(stamps)
    assert facts.duration == pytest.approx(60 / 15 + 1 / 15, abs=0.1)


@pytest.mark.parametrize("field", range(12))
def test_hostile_headers_end_in_a_code_or_a_result(film: Film, tmp_path: Path, field: int) -> None:
    data = bytearray(film()[0].read_bytes())
    start, size = _box(data, b"moov")
    rng = np.random.default_rng(field)
    for place in rng.integers(start + 8, start + size - 4, 6):
        data[place : place + 4] = rng.bytes(4)
    path = tmp_path / "hostile.mp4"
    path.write_bytes(data)
    ending = ""
    try:
        decoded = analyse(path).extracted.decoded
    except Permanent as error:
        decoded, ending = 0, error.code.value
    assert decoded > 0 or ending.startswith("video_")


def _box(data: bytearray, name: bytes) -> tuple[int, int]:
    place = 0
    while place < len(data):
        size = struct.unpack(">I", data[place : place + 4])[0]
        if data[place + 4 : place + 8] == name:
            return place, size
        place += max(8, size)
    raise AssertionError(name)
