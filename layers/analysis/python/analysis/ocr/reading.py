"""What every engine answers: lines in reading order, with places and confidences."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from analysis.image import Image

Box = tuple[int, int, int, int]
"""(x, y, width, height) in px, origin top left."""

NO_TEXT = "no text was found"
UNSURE = (
    "nothing that could be read with confidence; send an upright, sharp picture of print in the "
    "languages asked for"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word; `box` in px of the picture read, `confidence` 0-1."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """The words of one printed line, from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words joined by blanks."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The box around all words."""
        return around(word.box for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean of the words' confidences, weighted by their length."""
        return weighted_confidence(self.words)


@dataclass(frozen=True, slots=True)
class Reading:
    """A page as read.

    Without lines `reason` says why. `rotation` is by how many degrees the text lies turned
    clockwise in the picture: 0, 90, 180 or 270. `notes` tell what else happened, such as engines
    that did not answer.
    """

    lines: tuple[Line, ...]
    engine: str
    languages: tuple[str, ...]
    rotation: int = 0
    reason: str | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """Lines joined by newlines."""
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float | None:
        """Mean over all words by length, None where nothing was read."""
        words = tuple(word for line in self.lines for word in line.words)
        return weighted_confidence(words) if words else None


class Engine(Protocol):
    """Reads one page."""

    @property
    def name(self) -> str:
        """Its name on the wire."""
        ...

    def read(self, image: Image) -> Reading:
        """Read a BGR picture. Raises `WorkerError`, never returns empty text for a failure."""
        ...


def weighted_confidence(words: Iterable[Word]) -> float:
    """Mean confidence by characters, 0-1; 0 for no words."""
    words = tuple(words)
    total = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / total if total else 0.0


def around(boxes: Iterable[Box]) -> Box:
    """The box around one or more boxes."""
    rows = tuple(boxes)
    left, top = min(box[0] for box in rows), min(box[1] for box in rows)
    right, bottom = max(box[0] + box[2] for box in rows), max(box[1] + box[3] for box in rows)
    return left, top, right - left, bottom - top


def scaled(reading: Reading, factor: float) -> Reading:
    """The reading with boxes in px of a picture `factor` times as large."""
    lines = tuple(
        Line(tuple(replace(word, box=_times(word.box, factor)) for word in line.words))
        for line in reading.lines
    )
    return replace(reading, lines=lines)


def _times(box: Box, factor: float) -> Box:
    x, y, w, h = (round(side * factor) for side in box)
    return x, y, w, h
