"""What a segmentation finds."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

BoxTuple = tuple[int, int, int, int]
"""x, y, width, height in px of the picture given."""


EngineName = Literal["opencv", "yolo", "template"]


class ItemKind(StrEnum):
    """A question, or a passage that several questions share."""

    QUESTION = "question"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class Item:
    """One question or passage.

    `number` is the printed one (of a passage: the first it applies to), None where an engine
    cannot tell. `applies_to` lists the questions of a passage. `parts` are the boxes of an item
    that goes on in the next column, `box` being the first; `column` counts from 0.
    """

    kind: ItemKind
    box: BoxTuple
    number: int | None = None
    applies_to: tuple[int, ...] = ()
    column: int = 0
    confidence: float = 1.0
    parts: tuple[BoxTuple, ...] = ()


@dataclass(frozen=True, slots=True)
class Segmentation:
    """A page's items in reading order; `reason` says why there are none.

    `angle` is by how many degrees the page was turned clockwise in the picture. `engine` is the
    one that answered, `note` why another did not, `provider` what ran its model.
    """

    items: tuple[Item, ...]
    engine: EngineName
    angle: float = 0.0
    columns: int = 1
    reason: str | None = None
    note: str | None = None
    provider: str | None = None
