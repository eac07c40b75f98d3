"""The writing score on filmed pages, hands and fonts it was not trained on, in three lights.

    python -m benchmarks.video_writing [--pages 60] [--seed 9100]

Each page is filmed three times, only the shadow on it differing. Prints AUC, the share of unwritten
pages called written and of lightly written ones found, and by how much a shadow moves the score.
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


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "layers" / "analysis" / "training"))
    from video_writing import faces, page, writers

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--seed", type=int, default=9100)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    pool, hands = faces(test=True), writers(None, test=True)
    levels, scores = [], np.zeros((options.pages, len(SHADOWS)))
    for index in range(options.pages):
        rng = np.random.default_rng([options.seed, index])
        levels.append(("none", "none", "light", "full")[index % 4])
        picture, truth = page(rng, pool, hands, levels[-1])
        for place, shadow in enumerate(SHADOWS):
            camera = np.random.default_rng([options.seed, index, 1])
            still = film_still(picture, truth, camera, shadow)
            scores[index, place] = score_writing(still.picture).score
    level = np.array(levels)
    blank, light = level == "none", level == "light"
    for place, shadow in enumerate(SHADOWS):
        now = scores[:, place]
        print(
            f"shadow {shadow:.2f}: AUC {area_under_curve(now[blank], now[~blank]):.3f}, "
            f"unwritten called written {(now[blank] >= WRITTEN).mean():.0%}, "
            f"lightly written found {(now[light] >= WRITTEN).mean():.0%}"
        )
    moved = np.abs(scores[:, 1:] - scores[:, :1])
    print(f"change of the score under a shadow: mean {moved.mean():.3f}, median "
          f"{np.median(moved):.3f}, 90 % within {np.quantile(moved, 0.9):.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
