"""What is found of handwriting."""

from dataclasses import dataclass
from typing import Literal

Pen = Literal["student", "red"]
Kind = Literal["writing", "calculation", "mark"]
Method = Literal["template", "shape"]


@dataclass(frozen=True, slots=True)
class Region:
    """A patch of handwriting: `box` xywh in px of the picture given, `score` 0-1 how sure."""

    box: tuple[int, int, int, int]
    kind: Kind
    score: float
    pen: Pen


@dataclass(frozen=True, slots=True)
class Handwriting:
    """One page's handwriting.

    Scores are 0-1 and grow with the ink a student's hand added; `ink_ratio` is that ink's share of
    the page's area. `note` says why a template that was given was not used.
    """

    writing_score: float
    calculation_score: float
    ink_ratio: float
    regions: tuple[Region, ...]
    method: Method
    note: str | None = None


NOTHING = Handwriting(0.0, 0.0, 0.0, (), "shape")
"""A page without ink."""
