"""What extraction will cost, told before a frame is decoded, and how to split it.

The estimate is in CPU s of a core that decodes the clip of `benchmarks.video_cpu` in 0.37 s, a
little less than the 0.42 s of the machine its rates were set on, which was busy. It is there to
tell a film that one worker reads well within its 600 s from one that takes several: `ONE_PASS`
leaves room for a core half as fast. Another core's figure is the estimate times its own s for the
clip over 0.37.
"""

import math
from collections.abc import Sequence

from analysis.video.types import Segment

_RATES = {
    "h264": (1.1e-3, 7.3e-2),
    "h264 baseline": (0.7e-3, 1.2e-2),
    "hevc": (1.7e-3, 9.5e-2),
    "libdav1d": (0.6e-3, 6.5e-2),
    "vp9": (1.5e-3, 6.4e-2),
}
"""CPU s for each million pixels and each megabyte decoded, by FFmpeg's decoder. Baseline H.264
lacks what costs most, arithmetic coding. Set on the films of `benchmarks.video_codings`, seeds 341
and 342, AV1 and VP9 at 720p alone; docs/video.md has the error on another."""

_OTHER = (1.7e-3, 9.5e-2)

_SAMPLE = 0.7e-3
_SAMPLE_PER_MEGAPIXEL = 1.5e-3
"""CPU s of looking at a sample, its share of the pages' pictures included."""

_OPENING = 0.02
"""CPU s of opening a file and reading its packets' headers."""

ONE_PASS = 300.0
"""CPU s up to which one worker reads the whole video: half of what it may take."""

MAX_SEGMENTS = 12


def cpu_seconds(
    codec: str, profile: str, pixels: int, *, decoded: int, size: int, samples: float
) -> float:
    """Estimate CPU s of extraction.

    `codec` is the decoder, `profile` the codec's, as FFmpeg names them; `pixels` of a frame;
    `decoded` frames are needed for the `samples` looked at, and are `size` bytes long.
    """
    mega = pixels / 1e6
    coding = f"{codec} baseline" if "Baseline" in profile else codec
    per_frame, per_megabyte = _RATES.get(coding, _OTHER)
    decode = per_frame * mega * decoded + per_megabyte * size / 1e6
    return round(_OPENING + decode + samples * (_SAMPLE + _SAMPLE_PER_MEGAPIXEL * mega), 2)


def plan(cost: float, duration: float, key_times: Sequence[float]) -> tuple[Segment, ...]:
    """Cut a video into segments of equal length at key frames; one if it is cheap enough."""
    count = 1 if cost <= ONE_PASS else min(MAX_SEGMENTS, math.ceil(cost / (ONE_PASS / 2)))
    return split(count, duration, key_times)


def split(count: int, duration: float, key_times: Sequence[float]) -> tuple[Segment, ...]:
    """Cut into at most `count` segments; the last one is open-ended."""
    cuts = {0.0}
    for part in range(1, count):
        wish = duration * part / count
        cuts.add(min(key_times, key=lambda key: abs(key - wish), default=0.0))
    starts = sorted(cut for cut in cuts if cut >= 0)
    ends = [*starts[1:], math.inf]
    return tuple(Segment(start, end) for start, end in zip(starts, ends, strict=True))
