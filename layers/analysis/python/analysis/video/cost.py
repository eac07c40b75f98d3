"""What extraction will cost, told before a frame is decoded, and how to split it."""

import math
from collections.abc import Sequence

from analysis.video.types import Segment

_PER_MEGAPIXEL = {
    "h264": 2.1e-3,
    "h264 baseline": 0.6e-3,
    "hevc": 3.1e-3,
    "av1": 4.0e-3,
    "vp9": 3.0e-3,
}
_PER_MEGABYTE = {"h264 baseline": 2.7e-2}
"""CPU s of one core for each million pixels and megabyte decoded. Baseline H.264 lacks what costs
most, arithmetic coding. Set on two rendered films in several codings (`benchmarks.video_codings`,
seeds 300 and 311); docs/video.md has the error on others."""

_OTHER_CODEC = 4.0e-3
_OTHER_MEGABYTE = 6.0e-2

_SAMPLE = 5.0e-3
_SAMPLE_PER_MEGAPIXEL = 1.0e-3
"""CPU s of looking at a sample, its share of the pages' pictures included."""

_OPENING = 0.03
"""CPU s of opening a file and counting its packets."""

ONE_PASS = 300.0
"""CPU s up to which one worker reads the whole video: half of what it may take."""

MAX_SEGMENTS = 12


def cpu_seconds(
    codec: str, profile: str, pixels: int, fps: float, duration: float, size: int
) -> float:
    """Estimate CPU s of one core for extraction; `pixels` per frame, `size` in bytes.

    `profile` is the codec's, as FFmpeg names it.
    """
    mega = pixels / 1e6
    coding = f"{codec} baseline" if "Baseline" in profile else codec
    decode = _PER_MEGAPIXEL.get(coding, _OTHER_CODEC) * mega * fps * duration
    decode += _PER_MEGABYTE.get(coding, _OTHER_MEGABYTE) * size / 1e6
    samples = min(fps, 5.0) * duration
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
