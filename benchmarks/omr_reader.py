"""The sheet reader on sheets of the project's own generator, by condition.

    .venv/bin/python -m benchmarks.omr_reader --sheets 60 --first-seed 20000
    .venv/bin/python -m benchmarks.omr_reader --nightly    # 80 sheets a condition

Seeds below 1,000 were tuned on; figures are reported on other seeds only.
"""

import argparse
import os
from collections import defaultdict

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the image has it

import cv2
import numpy as np

from academy_worker.commands.omr import show
from academy_worker.omr_evaluation import Tally, count_sheet
from tests.generators.omr.camera import CONDITIONS
from tests.generators.omr.sheets import DRAWN, drawn_sheet

EASY_PHOTOS = "easy photos"
"""One bar holds for all of these conditions together."""

TOGETHER = dict.fromkeys(("photo_easy", "photo_turned", "photo_cut", "photo_white"), EASY_PHOTOS)

TUNED_BELOW = 1_000
NIGHTLY_SHEETS = 80


def main() -> None:
    """Render, read, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=60, help="sheets a condition")
    parser.add_argument("--nightly", action="store_true", help="enough sheets for a claim")
    parser.add_argument("--first-seed", type=int, default=20_000)
    parser.add_argument("--conditions", nargs="*", default=[*CONDITIONS, *DRAWN])
    asked = parser.parse_args()
    if asked.first_seed < TUNED_BELOW:
        parser.error(f"seeds below {TUNED_BELOW} were tuned on")
    cv2.setNumThreads(1)
    sheets = NIGHTLY_SHEETS if asked.nightly else asked.sheets
    tallies: dict[str, Tally] = defaultdict(Tally)
    for condition in asked.conditions:
        for seed in range(asked.first_seed, asked.first_seed + sheets):
            count_drawn(tallies, condition, seed)
    show(dict(tallies), mistakes=True)


def count_drawn(tallies: dict[str, Tally], condition: str, seed: int) -> None:
    """Draw the sheet of a seed under a condition, read it and count it, and under its group."""
    made = drawn_sheet(seed, condition)
    image = cv2.imdecode(np.frombuffer(made.data, np.uint8), cv2.IMREAD_COLOR)
    truth = made.truth(f"{condition}_{seed}", condition, "")
    group = (TOGETHER[condition],) if condition in TOGETHER else ()
    count_sheet(tallies, truth, np.asarray(image, np.uint8), made.meta, also=group)


if __name__ == "__main__":
    main()
