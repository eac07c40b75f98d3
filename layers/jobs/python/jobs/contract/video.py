"""Job `homework_video_analysis`: the pages shown in a video, each once, sharp, scored."""

from typing import Annotated, Literal

from pydantic import Field

from jobs.contract.base import DownloadUrl, Payload, Result, Score


class VideoPayload(Payload):
    """A filmed workbook: MP4, MOV, WebM, MKV or AVI up to 4K, 300 MB and an hour.

    `use_key_frames` false is the former way: every `frame_stride`-th frame is scored, pages are
    not looked for. `min_frame_count` is the number of frames below which `too_short` is said.
    Of more than `max_pages` pages the first are reported, and `warnings` says so.
    `processing_timeout` bounds the reading in s; what was found by then is reported as `partial`.
    `template_url` is a picture or PDF of the unwritten pages: they are subtracted. `fast` decodes
    a quarter of the video where its key frames allow it: cheaper, and pages held for less than a
    second or so may be missed.
    """

    download_url: DownloadUrl
    frame_stride: Annotated[int, Field(ge=1, le=10_000)] = 10
    min_frame_count: Annotated[int, Field(ge=0)] = 30
    use_key_frames: bool = True
    max_pages: Annotated[int, Field(ge=1, le=500)] = 300
    processing_timeout: Annotated[int, Field(ge=1, le=3600)] = 3600
    template_url: DownloadUrl | None = None
    fast: bool = False


class VideoFrame(Result):
    """One page by its best frame; times in s from the first frame.

    `index` counts the frames of the file from 0. `writing_score` 0-1 is near 0 on an unwritten
    page; `has_writing` from 0.5 on. `start` and `end` are when the page was first and last seen
    lying still, `visits` how often it was turned to. `sharpness` orders frames of one page.
    `ink_ratio` is the share of the picture inked by a hand; `level` is `unknown` and
    `confidence` 0 for a page that could not be read. `image_ref` is the upright picture.
    """

    index: int
    timestamp: float
    page_number: int
    writing_score: Score
    has_writing: bool
    was_resized: bool
    start: float = 0.0
    end: float = 0.0
    visits: int = 1
    sharpness: float = 0.0
    ink_ratio: Score = 0.0
    level: Literal["none", "light", "medium", "full", "unknown"] = "unknown"
    confidence: Score = 0.0
    image_ref: str | None = None


class VideoResult(Result):
    """The pages found, in the order they were first shown.

    `total_frames` frames are in the file, `sampled_frames` of them were looked at.
    `avg_writing_score` and `filled_ratio` (share of pages with writing) are over the pages read.
    `warnings` are codes, some with a figure: `truncated`, `corrupt_frames: n`, `hdr`,
    `low_light`, `no_pages`, `max_pages: …`, `processing_timeout: …`, `fast_mode_refused`,
    `template_unmatched`, `pages_unread: n`. `declared_duration` is what the file's header says,
    `duration` what is there, `decoded_duration` what was read, all s. `partial` is true where
    something is missing, and `resume_at` (s) where reading stopped. `contact_sheet_ref` is a
    picture of all pages.
    """

    total_frames: int
    sampled_frames: int
    pages_detected: int
    avg_writing_score: Score
    filled_ratio: Score
    frames: list[VideoFrame]
    too_short: bool
    key_frames_extraction: bool
    warnings: list[str] = []
    partial: bool = False
    resume_at: float | None = None
    declared_duration: float = 0.0
    duration: float = 0.0
    decoded_duration: float = 0.0
    width: int = 0
    height: int = 0
    contact_sheet_ref: str | None = None
