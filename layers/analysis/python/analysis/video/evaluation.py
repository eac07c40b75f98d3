"""Pages found in a film against its truth.

Truth is a mapping: `holds` [[start, end, page], …] in s, `frames` [[time, state, page, blur px,
share of a hand], …] with state `hold` or something else, `views` [{level: […]}, …] by page.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from analysis.video.analyse import analyse
from analysis.video.types import Page

_SHARP = 1.6
"""px of blur at 720p up to which a picture counts as sharp."""

_ENTERING = 0.02
"""Share of the picture a hand may cover beyond the least seen in the hold."""


@dataclass(frozen=True, slots=True)
class FilmScore:
    """One film: `pages` are there, `found` were reported, `distinct` of them rightly.

    `good` pictures are still, sharp and without a hand coming in; `mid_turn` are taken in a turn.
    `writing` pairs each page's score with its true level; `cpu` is in s.
    """

    pages: int
    found: int
    distinct: int
    good: int
    mid_turn: int
    cpu: float
    writing: tuple[tuple[float, str], ...] = field(default=())

    @property
    def duplicates(self) -> int:
        """Reported pages that were reported before, or are none."""
        return self.found - self.distinct

    @property
    def exact(self) -> bool:
        """Whether every page was reported once and nothing else."""
        return self.pages == self.found == self.distinct

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"exact": self.exact}


def evaluate_film(
    path: Path, truth: Mapping[str, Any], *, segments: int = 1, fast: bool = False
) -> FilmScore:
    """Analyse a film and compare. Raises as `analyse`."""
    begun = time.process_time()
    pages = analyse(path, segments=segments, fast=fast).pages
    return score_pages(pages, truth, time.process_time() - begun)


def score_pages(pages: Sequence[Page], truth: Mapping[str, Any], cpu: float) -> FilmScore:
    """Compare pages with the truth of their film."""
    frames = truth["frames"]
    times = np.array([row[0] for row in frames])
    shown = [frames[int(np.abs(times - page.time).argmin())] for page in pages]
    held = [row for row in shown if row[1] == "hold"]
    return FilmScore(
        pages=len({int(hold[2]) for hold in truth["holds"]}),
        found=len(pages),
        distinct=len({row[2] for row in held}),
        good=sum(_good(row, truth) for row in held),
        mid_turn=len(shown) - len(held),
        cpu=round(cpu, 2),
        writing=tuple(
            (page.writing.score, _level(truth["views"][row[2]]["level"]))
            for page, row in zip(pages, shown, strict=True)
            if row[1] == "hold"
        ),
    )


def overall(scores: Sequence[FilmScore]) -> dict[str, float]:
    """Figures over all films: page F1, exact films, pictures, writing."""
    distinct = sum(score.distinct for score in scores)
    found, pages = sum(score.found for score in scores), sum(score.pages for score in scores)
    writing = [pair for score in scores for pair in score.writing]
    return {
        "films": len(scores),
        "pages": pages,
        "precision": distinct / max(1, found),
        "recall": distinct / max(1, pages),
        "page F1": 2 * distinct / max(1, found + pages),
        "films exactly right": float(np.mean([score.exact for score in scores])),
        "good pictures": sum(score.good for score in scores) / max(1, found),
        "taken in mid-turn": sum(score.mid_turn for score in scores) / max(1, found),
        "CPU s": sum(score.cpu for score in scores),
    } | _writing(writing)


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Chance that a written page scores above an unwritten one; ties count half."""
    one, two = np.array(positive)[:, None], np.array(negative)[None]
    return float(((one > two) + 0.5 * (one == two)).mean())


def _writing(pairs: Sequence[tuple[float, str]]) -> dict[str, float]:
    clean = [score for score, level in pairs if level == "none"]
    written = [score for score, level in pairs if level != "none"]
    light = [score for score, level in pairs if level == "light"]
    if not clean or not written:
        return {}
    return {
        "writing AUC": auc(written, clean),
        "unwritten pages flagged": float(np.mean(np.array(clean) >= 0.5)),
        "lightly written found": float(np.mean(np.array(light) >= 0.5)) if light else float("nan"),
    }


def _level(levels: Sequence[str]) -> str:
    order = ("none", "light", "medium", "full")
    return max(levels, key=order.index)


def _good(row: Sequence[Any], truth: Mapping[str, Any]) -> bool:
    """Whether a frame of a hold is sharp and no hand has come in since the hold's calmest."""
    hold = next((one for one in truth["holds"] if one[0] - 0.05 <= row[0] <= one[1] + 0.05), None)
    if hold is None:
        return False
    same = [frame[4] for frame in truth["frames"] if hold[0] <= frame[0] <= hold[1]]
    return bool(row[3] <= _SHARP and row[4] - min(same, default=0.0) <= _ENTERING)
