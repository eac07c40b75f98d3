"""From what was found in a video to the result on the wire."""

from collections.abc import Sequence
from typing import Any

from analysis.video.score import WRITTEN
from analysis.video.stride import StrideFrame
from analysis.video.types import Extracted, Facts, Page, Warn, Writing
from jobs.contract.video import VideoFrame, VideoPayload, VideoResult


def page_frame(page: Page, ref: str) -> VideoFrame:
    """One page; `ref` is where its picture is kept."""
    return VideoFrame(
        index=page.index,
        timestamp=page.time,
        page_number=page.number,
        was_resized=page.reduced,
        start=page.start,
        end=page.end,
        visits=page.visits,
        sharpness=page.sharpness,
        image_ref=ref,
        **_written(page.writing),
    )


def stride_frame(number: int, frame: StrideFrame) -> VideoFrame:
    """One frame of the former way; `page_number` counts the frames looked at."""
    return VideoFrame(
        index=frame.index,
        timestamp=frame.time,
        page_number=number,
        was_resized=frame.reduced,
        start=frame.time,
        end=frame.time,
        **_written(frame.writing),
    )


def result_of(
    payload: VideoPayload,
    facts: Facts,
    extracted: Extracted,
    frames: Sequence[VideoFrame],
    warnings: Sequence[str],
    sheet: str | None = None,
) -> VideoResult:
    """The whole answer; means are over the pages that could be read."""
    read = [frame for frame in frames if frame.level != "unknown"]
    unread = len(frames) - len(read)
    said = [*warnings, *([f"{Warn.PAGES_UNREAD}: {unread}"] if unread else [])]
    count = max(1, len(read))
    return VideoResult(
        total_frames=facts.packets,
        sampled_frames=extracted.sampled,
        pages_detected=len(frames) if payload.use_key_frames else 0,
        avg_writing_score=round(sum(frame.writing_score for frame in read) / count, 4),
        filled_ratio=round(sum(frame.has_writing for frame in read) / count, 4),
        frames=list(frames),
        too_short=facts.packets < payload.min_frame_count,
        key_frames_extraction=payload.use_key_frames,
        warnings=said,
        partial=extracted.resume_at is not None or any(_cuts(one) for one in said),
        resume_at=extracted.resume_at,
        declared_duration=facts.declared,
        duration=facts.duration,
        decoded_duration=round(extracted.last, 3),
        width=facts.width,
        height=facts.height,
        contact_sheet_ref=sheet,
    )


def _cuts(warning: str) -> bool:
    return warning.startswith((Warn.MAX_PAGES.value, Warn.TRUNCATED.value))


def _written(writing: Writing) -> dict[str, Any]:
    return {
        "writing_score": writing.score,
        "has_writing": writing.score >= WRITTEN,
        "ink_ratio": writing.ink_ratio,
        "level": writing.level,
        "confidence": writing.confidence,
    }
