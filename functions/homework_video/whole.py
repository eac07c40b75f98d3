"""A whole video in one process, for `academy-worker analyze` and tests."""

import time
from collections.abc import Callable
from pathlib import Path

from analysis.image import Image, encode_jpeg, read_pages
from analysis.video import summary
from analysis.video.analyse import analyse, check_decoded
from analysis.video.contact_sheet import contact_sheet
from analysis.video.frames import Tally
from analysis.video.source import probe
from analysis.video.stride import StrideFrame, sample_by_stride
from analysis.video.types import Extracted, Facts
from functions.homework_video.answer import page_frame, result_of, stride_frame
from jobs.contract.video import VideoPayload, VideoResult
from jobs.workspace import FileKind, Workspace

MARGIN = 30.0
"""s of an attempt kept free of reading, for scores and for writing what was found."""

STRIDE_MOST = 2000
"""Frames the former way scores at most."""


def analyse_whole(payload: VideoPayload, workspace: Workspace) -> VideoResult:
    """Answer one job. Raises as `analysis.video.analyse.analyse`."""
    path = workspace.fetch(payload.download_url, FileKind.VIDEO)
    stop = deadline(min(payload.processing_timeout, workspace.remaining() - MARGIN))
    if not payload.use_key_frames:
        facts, extracted, frames = by_stride(path, payload.frame_stride, stop)
        said = summary.warnings(facts, extracted, (), 1, 1)
        shown = [stride_frame(number, frame) for number, frame in enumerate(frames, start=1)]
        return result_of(payload, facts, extracted, shown, said)
    found = analyse(
        path,
        max_pages=payload.max_pages,
        fast=payload.fast,
        blanks=blank_pages(payload, workspace),
        out_of_time=stop,
    )
    frames_out = [
        page_frame(page, workspace.put(f"pages/{page.number:03d}.jpg", page.jpeg, "image/jpeg"))
        for page in found.pages
    ]
    sheet = None
    if found.pages:
        picture = encode_jpeg(contact_sheet(found.pages), 80)
        sheet = workspace.put("contact_sheet.jpg", picture, "image/jpeg")
    return result_of(payload, found.facts, found.extracted, frames_out, found.warnings, sheet)


def blank_pages(payload: VideoPayload, workspace: Workspace) -> tuple[Image, ...]:
    """Pictures of the unwritten pages, if any were named."""
    if payload.template_url is None:
        return ()
    source = workspace.fetch(payload.template_url, FileKind.IMAGE)
    return tuple(page.image for page in read_pages(source))


def deadline(seconds: float) -> Callable[[], bool]:
    """Whether `seconds` from now have passed."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def by_stride(
    path: Path, stride: int, stop: Callable[[], bool]
) -> tuple[Facts, Extracted, list[StrideFrame]]:
    """The former way: score every `stride`-th frame in one pass."""
    facts, tally = probe(path), Tally()
    frames = sample_by_stride(path, stride, STRIDE_MOST, stop, tally)
    last = round(tally.last, 4)
    stopped = last if stop() or len(frames) >= STRIDE_MOST else None
    extracted = Extracted(tally.decoded, tally.corrupt, len(frames), last, stopped)
    check_decoded(extracted)
    return facts, extracted, frames
