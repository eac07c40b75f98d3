"""One filmed workbook in the codings that phones, messengers and browsers use.

    python -m benchmarks.video_codings out/codings [--seed 300] [--seconds 8]

Renders a 1080p film and codes it again in several codecs, sizes and rates, for
`benchmarks.video_cpu`. Other seeds give another book; the film is played to and fro to last
`seconds`.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
from av.video.frame import PictureType

from tests.generators.video.film import Script, shoot

_QUIET = {"x265-params": "log-level=error"}


@dataclass(frozen=True)
class Coding:
    """One way to code a film; `short_side` in px."""

    name: str
    codec: str
    short_side: int
    options: dict[str, str]
    gop: int = 30
    suffix: str = "mp4"


CODINGS = (
    Coding("phone720", "libx264", 720, {"preset": "veryfast", "crf": "21", "bf": "0"}),
    Coding("phone1080", "libx264", 1080, {"preset": "veryfast", "crf": "21", "bf": "0"}),
    Coding("plain720", "libx264", 720, {"preset": "ultrafast", "crf": "23"}),
    Coding("plain1080", "libx264", 1080, {"preset": "ultrafast", "crf": "23"}),
    Coding("chat720", "libx264", 720, {"preset": "veryfast", "b": "2M", "bf": "3"}, 250),
    Coding("chat360", "libx264", 360, {"preset": "veryfast", "b": "300k", "bf": "3"}, 250),
    Coding("hevc720", "libx265", 720, {"preset": "superfast", "crf": "24"} | _QUIET),
    Coding("hevc1080", "libx265", 1080, {"preset": "superfast", "crf": "24"} | _QUIET, 30, "mov"),
    Coding("vp9", "libvpx-vp9", 720, {"deadline": "realtime", "cpu-used": "8", "b": "3M"}, 60),
    Coding("av1", "libsvtav1", 720, {"preset": "12", "crf": "35"}, 60),
)


def frames(path: Path) -> Iterator[av.VideoFrame]:
    """A film's frames to and fro, without end."""
    with av.open(str(path)) as container:
        found = list(container.decode(video=0))
    while True:
        yield from found
        yield from reversed(found[1:-1])


def recode(source: Path, path: Path, coding: Coding, fps: int, seconds: float) -> None:
    """Write `seconds` of a film in another coding."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(coding.codec, rate=fps, options=dict(coding.options))
        stream.width, stream.height = coding.short_side, coding.short_side * 16 // 9
        stream.pix_fmt, stream.gop_size = "yuv420p", coding.gop
        stream.time_base = Fraction(1, fps)
        for index, frame in enumerate(islice(frames(source), round(fps * seconds))):
            small = frame.reformat(stream.width, stream.height, "yuv420p")
            small.pts, small.time_base = index, Fraction(1, fps)
            small.pict_type = PictureType.NONE
            container.mux(stream.encode(small))
        container.mux(stream.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--only", nargs="*", default=[one.name for one in CODINGS])
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    script = Script(
        seed=chosen.seed, pages=4, size=(1080, 1920), hold=(1.2, 2.2), shadow=0.3,
        options={"preset": "ultrafast", "crf": "12"},
    )  # fmt: skip
    source = chosen.folder / "source.mkv"
    if not source.exists():
        shoot(script, source)
    for coding in CODINGS:
        if coding.name in chosen.only:
            path = chosen.folder / f"{coding.name}-{chosen.seconds:g}s.{coding.suffix}"
            recode(source, path, coding, script.fps, chosen.seconds)
            print(path.name, f"{path.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
