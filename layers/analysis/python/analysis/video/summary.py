"""What must be said of a video besides its pages."""

from collections.abc import Sequence
from itertools import pairwise

from analysis.video import limits
from analysis.video.types import Extracted, Facts, PageSpan, Run, Warn

_MISSING = 0.97
"""Share of the declared length below which a video counts as cut off; containers round up."""


def total(parts: Sequence[Extracted]) -> Extracted:
    """Add up the parts of a video. `decoded` counts frames of the lead-ins twice."""
    stops = [part.resume_at for part in parts if part.resume_at is not None]
    return Extracted(
        decoded=sum(part.decoded for part in parts),
        corrupt=sum(part.corrupt for part in parts),
        sampled=sum(part.sampled for part in parts),
        last=max((part.last for part in parts), default=0.0),
        resume_at=min(stops, default=None),
    )


def warnings(
    facts: Facts, extracted: Extracted, runs: Sequence[Run], found: int, kept: int
) -> tuple[str, ...]:
    """Say what a reader of the result must know; `kept` of `found` pages are reported."""
    said: list[str] = []
    if facts.duration < _MISSING * facts.declared - 0.2:
        said.append(Warn.TRUNCATED)
    if extracted.corrupt:
        said.append(f"{Warn.CORRUPT_FRAMES}: {extracted.corrupt}")
    if facts.hdr:
        said.append(Warn.HDR)
    if runs and sorted(run.brightness for run in runs)[len(runs) // 2] < limits.LOW_LIGHT:
        said.append(Warn.LOW_LIGHT)
    if not found:
        said.append(Warn.NO_PAGES)
    if kept < found:
        said.append(f"{Warn.MAX_PAGES}: {kept} of {found} pages reported")
    if extracted.resume_at is not None:
        said.append(f"{Warn.PROCESSING_TIMEOUT}: read up to {extracted.resume_at:.1f} s")
    return tuple(str(one) for one in said)


def page_bounds(span: PageSpan, runs: Sequence[Run]) -> tuple[float, float]:
    """From when a page was first seen to when it was last seen, s."""
    return min(runs[i].start for i in span.runs), max(runs[i].end for i in span.runs)


def fast_allowed(facts: Facts) -> bool:
    """Whether key frames lie close enough for fast mode."""
    times = [*facts.key_times, facts.duration]
    return all(after - before <= limits.FAST_MAX_GOP for before, after in pairwise(times))
