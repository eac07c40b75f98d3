"""A whole video in one process: the same steps the cloud flow runs one by one."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from analysis.image import Image
from analysis.video import cost, summary
from analysis.video.extract import Extraction
from analysis.video.merge import merge, visits
from analysis.video.score import score_writing
from analysis.video.source import probe
from analysis.video.types import Analysis, Extracted, Page, PageSpan, Run, Segment, Warn
from faults import Code, Permanent

MAX_PAGES = 300


def analyse(
    path: Path,
    *,
    max_pages: int = MAX_PAGES,
    segments: int = 1,
    fast: bool = False,
    blanks: tuple[Image, ...] = (),
    out_of_time: Callable[[], bool] | None = None,
) -> Analysis:
    """Find the pages of a video and score the writing on each.

    `segments` splits the work as the cloud does; the pages do not depend on it. `blanks` are
    pictures of unwritten pages to subtract; `out_of_time` is asked at every sample and ends the
    pass, which the warnings then say. Raises `Permanent` as `probe`, or `video_no_frames`.
    """
    facts = probe(path)
    quick = fast and summary.fast_allowed(facts)
    runs: list[Run] = []
    parts: list[Extracted] = []
    for segment in cost.split(segments, facts.duration, facts.key_times):
        found, part = extract(path, segment, out_of_time, fast=quick)
        runs += found
        parts.append(part)
        if part.resume_at is not None:
            break
    extracted = summary.total(parts)
    check_decoded(extracted)
    spans = merge(runs)
    kept = spans[:max_pages]
    pages = tuple(read_page(span, spans, runs, blanks) for span in kept)
    said = list(summary.warnings(facts, extracted, runs, len(spans), len(kept)))
    if fast and not quick:
        said.append(Warn.FAST_MODE_REFUSED.value)
    if blanks and not any(page.writing.against_template for page in pages):
        said.append(Warn.TEMPLATE_UNMATCHED.value)
    return Analysis(facts, extracted, pages, tuple(said))


def extract(
    path: Path,
    segment: Segment,
    out_of_time: Callable[[], bool] | None = None,
    *,
    fast: bool = False,
) -> tuple[list[Run], Extracted]:
    """Read one segment; returns its runs and the counts of the pass."""
    extraction = Extraction(path, segment, out_of_time, fast)
    runs = list(extraction)
    return runs, extraction.summary


def check_decoded(extracted: Extracted) -> None:
    """Refuse a video of which no frame could be decoded: it must never count as read."""
    if extracted.decoded == 0:
        raise Permanent(
            Code.VIDEO_NO_FRAMES, "no frame of the video can be decoded; send it as H.264 or HEVC"
        )


def read_page(
    span: PageSpan, spans: tuple[PageSpan, ...], runs: list[Run], blanks: tuple[Image, ...] = ()
) -> Page:
    """Score a page by its best picture."""
    best = runs[span.best]
    start, end = summary.page_bounds(span, runs)
    return Page(
        number=span.number,
        index=best.index,
        time=best.time,
        start=start,
        end=end,
        visits=visits(span, runs, spans),
        sharpness=best.sharpness,
        reduced=best.reduced,
        jpeg=best.jpeg,
        writing=score_writing(decode(best.jpeg), blanks),
    )


def decode(jpeg: bytes) -> Image:
    """Decode a kept picture to BGR. Raises `Permanent(internal)` for a broken one."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise Permanent(Code.INTERNAL, "a kept picture of a page is broken; run it again")
    return np.asarray(picture, np.uint8)
