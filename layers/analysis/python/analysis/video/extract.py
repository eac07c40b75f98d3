"""One pass over a segment: samples, still runs, the best frame of each.

A run belongs to the segment in which it begins. Samples lie on a grid fixed to the video's clock
and everything a run depends on is decoded in every segment, so any segmentation gives the same
runs. A picture is encoded when its run closes: memory does not grow with a hold or a video.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import encode_jpeg
from analysis.video import limits, look, motion
from analysis.video.frames import Frame, Tally, frames, reduced, to_8_bit
from analysis.video.packets import Grid, samples
from analysis.video.quality import sharpness, skin_share
from analysis.video.types import Extracted, Run, Segment

OutOfTime = Callable[[], bool]

_MIN_SAMPLES = 2
"""Samples a page must lie still for: a turn's slowest moment seldom lasts 0.2 s."""

_POOL = 6
"""Full frames a run holds at a time, the best so far."""

_HAND = 4.0
_UNREST = 2.5
_EDGE = 0.15
"""Weights of a hand's share above the least seen in the run, of moved blocks, and of lying near
the run's ends, each against the loss of all sharpness as 1."""

_EDGE_SECONDS = 0.35
"""s before a turn in which a hand comes in, and after one in which the leaf still settles."""

_CHROMA_LONG_SIDE = 160

_UNLIT = 32
"""Grey level that the brightest of a lit picture exceeds; black is coded as 16."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    frame: Frame
    edges: motion.Edges
    motion: motion.Motion


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    frame: Frame
    time: float
    sharpness: float
    skin: float
    moved: float


@dataclass(slots=True)
class _OpenRun:
    """A run that may go on; keeps at most `_POOL` full frames."""

    start: float
    end: float = 0.0
    samples: int = 0
    sharpest: float = 0.0
    least_skin: float = 1.0
    brightness: float = 0.0
    pool: list[_Candidate] = field(default_factory=list)

    def add(self, sample: _Sample) -> None:
        frame = sample.frame
        luma = frame.luma()
        self.end = frame.time
        self.samples += 1
        if frame.corrupt:
            return
        candidate = _Candidate(
            frame,
            frame.time,
            sharpness(luma, frame.depth_shift()),
            _skin(frame),
            sample.motion.moved,
        )
        self.sharpest = max(self.sharpest, candidate.sharpness)
        self.least_skin = min(self.least_skin, candidate.skin)
        self.pool.append(candidate)
        if len(self.pool) > _POOL:
            self.pool.remove(max(self.pool, key=self.fault))

    def fault(self, one: _Candidate) -> float:
        """What speaks against a frame, 0 for nothing."""
        blur = 1 - min(1.0, one.sharpness / max(self.sharpest, 1e-9))
        near_start = self.start > 0 and one.time - self.start < _EDGE_SECONDS
        near_end = self.end - one.time < _EDGE_SECONDS
        hand = max(0.0, one.skin - self.least_skin)
        return blur + _HAND * hand + _UNREST * one.moved + _EDGE * (near_start or near_end)

    def close(self) -> Run | None:
        """Encode the best frame; None for a run too short, without an intact frame, or black."""
        if self.samples < _MIN_SAMPLES or not self.pool:
            return None
        best = min(self.pool, key=self.fault)
        frame = best.frame
        grey = frame.upright(_small(frame, look.LONG_SIDE))
        if grey[::8, ::8].max() < _UNLIT:
            return None
        return Run(
            start=round(self.start, 4),
            end=round(self.end, 4),
            index=frame.index,
            time=round(frame.time, 4),
            quality=round(1 / (1 + self.fault(best) + _HAND * self.least_skin), 4),
            sharpness=round(best.sharpness, 6),
            samples=self.samples,
            brightness=round(float(cv2.mean(grey)[0]), 1),
            reduced=frame.reduced,
            jpeg=encode_jpeg(frame.picture(), limits.JPEG_QUALITY),
            look=look.Look(grey),
        )


class Extraction:
    """Iterates over the runs of one segment; `summary` holds once it is exhausted.

    `out_of_time` is asked at every sample: once it says so the pass stops, and `resume_at` of the
    summary is where the next one takes over. `fast` decodes the first quarter second of each
    group of pictures only.
    """

    def __init__(
        self, path: Path, segment: Segment, out_of_time: OutOfTime | None = None, fast: bool = False
    ) -> None:
        self._path = path
        self._segment = segment
        self._out_of_time = out_of_time or (lambda: False)
        self._fast = fast
        self._tally = Tally()
        self._sampled = 0
        self._resume_at: float | None = None

    @property
    def summary(self) -> Extracted:
        """Counts of the pass."""
        tally = self._tally
        return Extracted(
            tally.decoded, tally.corrupt, self._sampled, round(tally.last, 4), self._resume_at
        )

    def __iter__(self) -> Iterator[Run]:
        """Yield each run as it closes. Raises as `analysis.video.source.opened`."""
        run: _OpenRun | None = None
        before: _Sample | None = None
        for sample in self._samples():
            self._sampled += sample.frame.time >= self._segment.start
            if before is not None and sample.motion.still:
                if run is None:
                    run = _OpenRun(before.frame.time)
                    self._take(run, before)
                self._take(run, sample)
            else:
                if run is not None:
                    yield from self._closed(run)
                run = None
            before = sample
            if sample.frame.time >= self._segment.end and not (run and self._owns(run)):
                run = None
                break
            if self._stopped(sample.frame.time, run):
                return
        if run is not None:
            yield from self._closed(run)

    def _owns(self, run: _OpenRun) -> bool:
        return self._segment.start <= run.start < self._segment.end

    def _take(self, run: _OpenRun, sample: _Sample) -> None:
        if self._owns(run):
            run.add(sample)

    def _closed(self, run: _OpenRun) -> Iterator[Run]:
        closed = run.close() if self._owns(run) else None
        if closed is not None:
            yield closed

    def _stopped(self, now: float, run: _OpenRun | None) -> bool:
        """Whether time ran out; an open run is left whole to whoever resumes.

        A pass never stops where it began, so that parts come to an end.
        """
        resume_at = run.start if run and self._owns(run) else now
        if resume_at <= self._segment.start or not self._out_of_time():
            return False
        self._resume_at = round(resume_at, 4)
        return True

    def _samples(self) -> Iterator[_Sample]:
        lead = max(0.0, self._segment.start - limits.LEAD_IN)
        grid = Grid()
        before: motion.Edges | None = None
        for frame in frames(self._path, lead, self._tally, samples(), self._fast):
            if frame.corrupt or not grid.takes(frame.time):
                continue
            found = motion.edges(_small(frame, motion.LONG_SIDE))
            if before is None or before.fine.shape != found.fine.shape:
                step = motion.Motion(1.0, 1.0, 0.0)
            else:
                step = motion.compare(before, found)
            before = found
            yield _Sample(frame, found, step)


def _small(frame: Frame, long_side: int) -> NDArray[np.uint8]:
    """Luma at `long_side` px, uint8, not turned."""
    luma = frame.luma()
    scale = long_side / max(luma.shape)
    size = (max(1, round(luma.shape[1] * scale)), max(1, round(luma.shape[0] * scale)))
    return to_8_bit(reduced(luma, size), frame.depth_shift())


def _skin(frame: Frame) -> float:
    scale = _CHROMA_LONG_SIDE / max(frame.raw.width, frame.raw.height)
    planes = frame.chroma(
        max(1, round(frame.raw.width * scale)), max(1, round(frame.raw.height * scale))
    )
    return skin_share(*planes) if planes is not None else 0.0
