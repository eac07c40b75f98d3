"""Question boxes of the built-in engine against plain connected components, in one run.

    .venv/bin/python -m benchmarks.segmentation_baseline --pages 10

The baseline is what a first draft does: Otsu's threshold, dilation, contours by area and shape.
Pages are rendered and degraded here, from a seed that nothing was tuned on.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from analysis.segmentation.evaluation import Tally, TruthItem, score_page
from analysis.segmentation.layout import segment_layout
from analysis.segmentation.types import Item, ItemKind
from tests.generators.exam_pages import degrade
from tests.generators.exam_pages.faces import face_pairs
from tests.generators.exam_pages.page import Page, random_style, render

KINDS = {"q": ItemKind.QUESTION, "p": ItemKind.PASSAGE}
SEED = 2026
PAPERS, KINDS_OF_PAGE = ("exam", "school"), ("clean", "scan", "photo")


def connected_components(image: NDArray[np.uint8]) -> list[Item]:
    """Boxes of dilated blobs of 0.5-90 % of the page that are not flat, top to bottom."""
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (5, 5), 0)
    _, ink = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    blobs = cv2.dilate(ink, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(blobs, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    page = image.shape[0] * image.shape[1]
    boxes = [cv2.boundingRect(contour) for contour in contours]
    kept = [(x, y, w, h) for x, y, w, h in boxes if 0.005 < w * h / page < 0.9 and h >= 0.3 * w]
    kept.sort(key=lambda box: (box[1], box[0]))
    return [Item(ItemKind.QUESTION, box) for box in kept]


def built_in(image: NDArray[np.uint8]) -> list[Item]:
    """The engine that ships."""
    return list(segment_layout(image).items)


ENGINES: dict[str, Callable[[NDArray[np.uint8]], list[Item]]] = {
    "connected components": connected_components,
    "built-in": built_in,
}


@dataclass(frozen=True, slots=True)
class Compared:
    """Tallies by kind of page and engine; CPU s of each engine over all pages."""

    tallies: Mapping[tuple[str, str], Tally]
    seconds: Mapping[str, float]


def compared(pages: int, seed: int) -> Compared:
    """Segment `pages` pages of each paper, clean, scanned and photographed, with both engines."""
    cv2.setNumThreads(1)
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    seconds: dict[str, float] = defaultdict(float)
    for paper in PAPERS:
        for index in range(pages):
            rng = np.random.default_rng([seed, index, paper == "exam"])
            page = render(rng, random_style(rng, face_pairs(), paper=paper))
            for kind in KINDS_OF_PAGE:
                shot = (
                    degrade.clean(page.image)
                    if kind == "clean"
                    else getattr(degrade, kind)(page.image, rng)
                )
                image = cv2.cvtColor(shot.image, cv2.COLOR_GRAY2BGR)
                truth = _truth(page, shot)
                for name, engine in ENGINES.items():
                    started = time.process_time()
                    found = engine(image)
                    seconds[name] += time.process_time() - started
                    tallies[f"{paper} {kind}", name] += score_page(found, truth)
    return Compared(tallies, seconds)


def _truth(page: Page, shot: degrade.Shot) -> list[TruthItem]:
    """Where the page's items lie in its picture."""
    boxes = degrade.move_boxes(np.array([item.box for item in page.items]), shot.matrix)
    return [
        TruthItem(KINDS[item.kind], item.number, tuple(box))
        for item, box in zip(page.items, boxes.tolist(), strict=True)
    ]


def main() -> None:
    """Print precision, recall and CPU time of both by kind of page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10, help="of each paper")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    found = compared(options.pages, options.seed)
    Console().print(_table(found.tallies, found.seconds))


def _table(tallies: Mapping[tuple[str, str], Tally], seconds: Mapping[str, float]) -> Table:
    table = Table(title="question boxes")
    for name in ("pages", "engine", "n", "P", "R", "F1", "F1 @.75", "numbers", "all right"):
        table.add_column(name)
    for (group, engine), tally in tallies.items():
        table.add_row(
            group, engine, str(tally.pages), f"{tally.precision:.3f}", f"{tally.recall:.3f}",
            f"{tally.f1():.3f}", f"{tally.f1(tight=True):.3f}", f"{tally.number_accuracy:.3f}",
            f"{tally.pages_right}/{tally.pages}",
        )  # fmt: skip
    ratio = seconds["built-in"] / seconds["connected components"]
    table.caption = f"CPU: the built-in engine takes {ratio:.1f} times the baseline's"
    return table


if __name__ == "__main__":
    main()
