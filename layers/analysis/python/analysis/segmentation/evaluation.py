"""Scoring a segmentation against truth: precision, recall, numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from analysis.boxes import Boxes, iou, match, xywh_to_xyxy
from analysis.segmentation.types import Item, ItemKind


@dataclass(frozen=True, slots=True)
class TruthItem:
    """One labelled item; `box` is xywh in px."""

    kind: ItemKind
    number: int
    box: tuple[float, float, float, float]


_Kind = TypeVar("_Kind", Item, TruthItem)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over pages; `hits` at IoU 0.5, `tight` at IoU 0.75, `numbered` hits read right."""

    found: int = 0
    true: int = 0
    hits: int = 0
    tight: int = 0
    numbered: int = 0
    passages: int = 0
    passages_true: int = 0
    pages: int = 0
    pages_right: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Sum of all counts."""
        return Tally(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))

    def f1(self, *, tight: bool = False) -> float:
        """Harmonic mean of precision and recall of question boxes, 0-1."""
        hits = self.tight if tight else self.hits
        return 2 * hits / max(1, self.found + self.true)

    @property
    def precision(self) -> float:
        """Share of found questions that are true."""
        return self.hits / max(1, self.found)

    @property
    def recall(self) -> float:
        """Share of true questions that were found."""
        return self.hits / max(1, self.true)

    @property
    def number_accuracy(self) -> float:
        """Share of hits whose printed number was read right."""
        return self.numbered / max(1, self.hits)


def score_page(items: Sequence[Item], truth: Sequence[TruthItem]) -> Tally:
    """Compare one page; questions and passages are matched apart, one to one."""
    found, true = _of(items, ItemKind.QUESTION), _of(truth, ItemKind.QUESTION)
    pairs = match(_boxes(found), _boxes(true), 0.5)
    overlap = iou(_boxes(found), _boxes(true))
    tight = sum(overlap[i, j] >= 0.75 for i, j in pairs)
    numbered = sum(found[i].number == true[j].number for i, j in pairs)
    passages, passages_true = _of(items, ItemKind.PASSAGE), _of(truth, ItemKind.PASSAGE)
    right = len(found) == len(true) == int(tight) == int(numbered)
    return Tally(
        found=len(found),
        true=len(true),
        hits=len(pairs),
        tight=int(tight),
        numbered=int(numbered),
        passages=len(match(_boxes(passages), _boxes(passages_true), 0.5)),
        passages_true=len(passages_true),
        pages=1,
        pages_right=int(right),
    )


def _of(items: Sequence[_Kind], kind: ItemKind) -> list[_Kind]:
    return [item for item in items if item.kind is kind]


def _boxes(items: Sequence[Item] | Sequence[TruthItem]) -> Boxes:
    return xywh_to_xyxy(np.array([item.box for item in items], dtype=np.float64))
