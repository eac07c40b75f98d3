"""What the steps of reading a video hand to one another. Times in s from the first frame."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from analysis.video.look import Look

Level = Literal["none", "light", "medium", "full", "unknown"]


class Warn(StrEnum):
    """What a reader of the result must know; the value is what goes over the wire."""

    TRUNCATED = "truncated"
    CORRUPT_FRAMES = "corrupt_frames"
    HDR = "hdr"
    LOW_LIGHT = "low_light"
    NO_PAGES = "no_pages"
    MAX_PAGES = "max_pages"
    PROCESSING_TIMEOUT = "processing_timeout"
    FAST_MODE_REFUSED = "fast_mode_refused"
    TEMPLATE_UNMATCHED = "template_unmatched"
    PAGES_UNREAD = "pages_unread"
    REDUCED = "reduced"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the container says and its packets prove, without decoding a frame.

    `width` and `height` are px as shown (after `rotation`, degrees); `declared` and `duration`
    are the header's length and that of the packets present, s; `key_times` are where decoding
    can begin; `cost` is the estimated CPU s of extraction.
    """

    width: int
    height: int
    codec: str
    pixel_format: str
    fps: float
    rotation: int
    packets: int
    declared: float
    duration: float
    hdr: bool
    key_times: tuple[float, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a video; it owns the runs that begin in [start, end)."""

    start: float
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A stretch in which one page lies still, and its best frame.

    `index` counts the frames of the file in order of decoding, `time` is the frame's; `quality`
    orders frames (higher is better), `sharpness` is the Laplacian measure of `quality.sharpness`;
    `jpeg` is the upright picture, `look` what it is recognised by; `samples` looked at.
    """

    start: float
    end: float
    index: int
    time: float
    quality: float
    sharpness: float
    samples: int
    brightness: float
    reduced: bool
    jpeg: bytes
    look: Look


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one pass over a segment found besides its runs.

    `decoded` frames, of them `corrupt`; `sampled` were looked at; `last` is the time of the last
    frame seen; `resume_at` is where to go on if time ran out, else None.
    """

    decoded: int
    corrupt: int
    sampled: int
    last: float
    resume_at: float | None = None


@dataclass(frozen=True, slots=True)
class PageSpan:
    """One page: the runs that show it (indices into the runs, by start), the best of them."""

    number: int
    runs: tuple[int, ...]
    best: int


@dataclass(frozen=True, slots=True)
class Writing:
    """How much a hand has written on a page.

    `score` 0-1 (0.5 is the line between unwritten and written), `ink_ratio` the share of the
    picture that handwriting inks, `confidence` 0-1; `level` is `unknown` on a blurred picture.
    """

    score: float
    ink_ratio: float
    level: Level
    confidence: float
    against_template: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page as reported; times in s, `jpeg` is the upright picture."""

    number: int
    index: int
    time: float
    start: float
    end: float
    visits: int
    sharpness: float
    reduced: bool
    jpeg: bytes
    writing: Writing


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A whole video read in one process."""

    facts: Facts
    extracted: Extracted
    pages: tuple[Page, ...]
    warnings: tuple[str, ...] = ()
