"""The former way: every n-th frame is scored, pages are not looked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analysis.video.frames import Tally, frames
from analysis.video.score import score_writing
from analysis.video.types import Writing


@dataclass(frozen=True, slots=True)
class StrideFrame:
    """One frame looked at; `time` in s."""

    index: int
    time: float
    reduced: bool
    writing: Writing


def sample_by_stride(
    path: Path, stride: int, most: int, out_of_time: Callable[[], bool], tally: Tally
) -> list[StrideFrame]:
    """Score every `stride`-th frame, at most `most`, in one pass; `tally` is filled in."""
    found: list[StrideFrame] = []
    for frame in frames(path, 0.0, tally, lambda index, time: index % stride == 0):
        if frame.index % stride or frame.corrupt:
            continue
        writing = score_writing(frame.picture())
        found.append(StrideFrame(frame.index, round(frame.time, 4), frame.reduced, writing))
        if len(found) >= most or out_of_time():
            break
    return found
