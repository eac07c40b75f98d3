"""What every engine answers: lines in reading order, with places and confidences."""

from dataclasses import dataclass, field
from typing import Protocol

from analysis.image import Image


@dataclass(frozen=True, slots=True)
class Word:
    """One word; `box` is (x, y, w, h) in px of the picture read, `confidence` 0-1."""

    text: str
    box: tuple[int, int, int, int]
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
    def box(self) -> tuple[int, int, int, int]:
        """The box around all words."""
        left = min(word.box[0] for word in self.words)
        top = min(word.box[1] for word in self.words)
        right = max(word.box[0] + word.box[2] for word in self.words)
        bottom = max(word.box[1] + word.box[3] for word in self.words)
        return left, top, right - left, bottom - top

    @property
    def confidence(self) -> float:
        """Mean of the words' confidences, weighted by their length."""
        return weighted_confidence(self.words)


@dataclass(frozen=True, slots=True)
class Reading:
    """A page as read; no lines where there was nothing to read."""

    lines: tuple[Line, ...]
    engine: str
    languages: tuple[str, ...]
    rotation: int = 0
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
    """Reads one upright page."""

    name: str

    def read(self, image: Image) -> Reading:
        """Read a BGR picture. Raises `WorkerError`, never returns empty text for a failure."""
        ...


def weighted_confidence(words: tuple[Word, ...]) -> float:
    """Mean confidence by characters; 0 for no words."""
    total = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / total if total else 0.0
