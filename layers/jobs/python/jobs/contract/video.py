"""Job `homework_video_analysis`: the pages shown in a video."""

from typing import Annotated

from pydantic import Field

from jobs.contract.base import DownloadUrl, Payload, Result, Score


class VideoPayload(Payload):
    """`frame_stride` counts frames and is used with `use_key_frames` false only."""

    download_url: DownloadUrl
    frame_stride: Annotated[int, Field(ge=1, le=10_000)] = 10
    min_frame_count: Annotated[int, Field(ge=0)] = 30
    use_key_frames: bool = True
    max_pages: Annotated[int, Field(ge=1, le=500)] = 10
    processing_timeout: Annotated[int, Field(ge=1, le=3600)] = 60


class VideoFrame(Result):
    """One page's best frame; `timestamp` in s from the start."""

    index: int
    timestamp: float
    page_number: int
    writing_score: Score
    has_writing: bool
    was_resized: bool


class VideoResult(Result):
    """The pages found, in the order they were first shown."""

    total_frames: int
    sampled_frames: int
    pages_detected: int
    avg_writing_score: Score
    filled_ratio: Score
    frames: list[VideoFrame]
    too_short: bool
    key_frames_extraction: bool
