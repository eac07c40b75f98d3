"""The writing score on filmed pages, hands and fonts it was not trained on, in three lights.

    python -m benchmarks.video_writing [--pages 60] [--seed 9100 ...]

Each page is filmed three times, only the shadow on it differing. Prints AUC, the share of unwritten
pages called written and of lightly written ones found, and by how much a shadow moves the score;
with several seeds their means too.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

from analysis.ranking import area_under_curve
from analysis.video.score import WRITTEN, score_writing
from tests.generators.video.still import film_still

SHADOWS = (0.0, 0.35, 0.65)


_HEADS = (
    "seed "
    + "".join(f"| shadow {shadow:.2f}: AUC, unwr., light " for shadow in SHADOWS)
    + ("| change: mean, median, 90 %")
)
_ROW = "{:<5}" + 3 * "|         {:>6.3f} {:>7.0%} {:>7.0%} " + "| {:>12.3f} {:>7.3f} {:>6.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--seed", type=int, nargs="+", default=[9100])
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(_HEADS)
    rows = []
    for seed in options.seed:
        rows.append(measured(seed, options.pages))
        print(_ROW.format(seed, *rows[-1]), flush=True)
    if len(rows) > 1:
        print(_ROW.format("mean", *np.mean(rows, axis=0)))


def measured(seed: int, pages: int) -> list[float]:
    """For each shadow AUC, unwritten called written, lightly written found; mean change of the
    score under a shadow, median change, and that of nine pages of ten."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "layers" / "analysis" / "training"))
    from video_writing import faces, page, writers

    pool, hands = faces(test=True), writers(None, test=True)
    levels, scores = [], np.zeros((pages, len(SHADOWS)))
    for index in range(pages):
        rng = np.random.default_rng([seed, index])
        levels.append(("none", "none", "light", "full")[index % 4])
        picture, truth = page(rng, pool, hands, levels[-1])
        for place, shadow in enumerate(SHADOWS):
            camera = np.random.default_rng([seed, index, 1])
            still = film_still(picture, truth, camera, shadow)
            scores[index, place] = score_writing(still.picture).score
    level = np.array(levels)
    blank, light = level == "none", level == "light"
    found = []
    for now in scores.T:
        found += [area_under_curve(now[blank], now[~blank])]
        found += [float((now[which] >= WRITTEN).mean()) for which in (blank, light)]
    moved = np.abs(scores[:, 1:] - scores[:, :1])
    return [*found, float(moved.mean()), float(np.median(moved)), float(np.quantile(moved, 0.9))]


if __name__ == "__main__":
    main()
