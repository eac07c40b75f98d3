"""Videos made to crash, to last or to hold nothing: each ends in a coded error."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.video.source import probe
from faults import Code, Permanent
from tests.generators.hostile import videos
from tests.generators.hostile.pictures import HARMLESS_LOOKING_TEXTS


def refusal(tmp_path: Path, data: bytes) -> Permanent:
    path = tmp_path / "upload.mp4"
    path.write_bytes(data)
    with pytest.raises(Permanent) as caught:
        probe(path)
    return caught.value


@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(videos.without_index, Code.VIDEO_UNREADABLE, id="no moov"),
        pytest.param(lambda: videos.video()[:40], Code.VIDEO_UNREADABLE, id="first bytes only"),
        pytest.param(lambda: b"", Code.VIDEO_UNREADABLE, id="nothing"),
        pytest.param(videos.of_an_unknown_codec, Code.VIDEO_UNREADABLE, id="unknown codec"),
        pytest.param(videos.sound, Code.VIDEO_NO_STREAM, id="sound only"),
        pytest.param(videos.without_frames, Code.VIDEO_NO_FRAMES, id="no frames"),
        pytest.param(
            lambda: videos.with_frame_step(36_000, 1), Code.VIDEO_TOO_LONG, id="ten hours a frame"
        ),
    ],
)
def test_a_video_that_is_none_is_refused(
    tmp_path: Path, make: Callable[[], bytes], code: Code
) -> None:
    assert refusal(tmp_path, make()).code == code


@pytest.mark.parametrize("name", HARMLESS_LOOKING_TEXTS)
def test_what_is_no_video_is_refused(tmp_path: Path, name: str) -> None:
    code = refusal(tmp_path, HARMLESS_LOOKING_TEXTS[name]).code

    assert code.value.startswith("video_")


_PROBE = """
import sys
from pathlib import Path
from analysis.video.source import probe
from faults import Permanent
from tests.attack.measured_run import high_water_megabytes
from tests.generators.hostile.videos import video

path = Path(sys.argv[1])
honest = path.with_suffix(".honest")
honest.write_bytes(video("avi"))
probe(honest)  # the libraries are loaded now
before, code = high_water_megabytes(), "read"
try:
    probe(path)
except Permanent as error:
    code = error.code.value
print(high_water_megabytes() - before, code)
"""


PROBED = {
    "header of gigabytes": videos.avi_memory_bomb,
    "no moov": videos.without_index,
    "unknown codec": videos.of_an_unknown_codec,
    "sound only": videos.sound,
    "no frames": videos.without_frames,
    "no time between frames": lambda: videos.with_frame_step(0),
    "ten hours a frame": lambda: videos.with_frame_step(36_000, 1),
    "corrupt packets": videos.with_corrupt_packets,
    "cut off": lambda: videos.video()[: len(videos.video()) // 2],
} | {name: lambda data=data: data for name, data in HARMLESS_LOOKING_TEXTS.items()}

PROBED_MEGABYTES = 100
"""A probe reads headers and packets; no frame is kept."""


@pytest.mark.parametrize("name", PROBED)
def test_a_hostile_video_costs_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "upload.avi"
    path.write_bytes(PROBED[name]())
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, str(path)],
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    megabytes, _, outcome = done.stdout.strip().partition(" ")

    assert outcome == "read" or outcome.startswith("video_")
    assert float(megabytes) < PROBED_MEGABYTES


def test_frames_of_no_duration_divide_nothing_by_zero(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    path.write_bytes(videos.with_frame_step(0))

    facts = probe(path)

    assert facts.packets == 8
    assert 0 <= facts.fps <= 1000


@pytest.mark.parametrize("container", ["mp4", "mov", "matroska", "avi"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_video_cut_off_is_read_as_far_as_it_goes_or_refused(
    tmp_path: Path, container: str, share: float
) -> None:
    data = videos.video(container)
    path = tmp_path / "cut"
    path.write_bytes(data[: int(share * len(data))])

    try:
        packets, code = probe(path).packets, None
    except Permanent as error:
        packets, code = 0, error.code

    assert (packets in range(1, 9)) != (code is not None)
