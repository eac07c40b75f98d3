"""Sheets under templates that are not theirs: how many are believed. None may be.

    python -m benchmarks.omr_wrong_forms --sheets 60 --first-seed 20000

Each sheet is read under the templates of the other lengths and under its own with all questions a
pitch off in four directions.
"""

import argparse
import copy
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the image has it

import cv2
import numpy as np

from analysis.omr.reader import read_sheet
from analysis.omr.standard_form import standard_meta
from analysis.omr.template import parse_template
from benchmarks.omr_reader import TUNED_BELOW
from tests.generators.omr.camera import CONDITIONS
from tests.generators.omr.sheets import drawn_sheet

LENGTHS = (10, 20, 30)
STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))


def main() -> None:
    """Render, read, print a table; name every sheet that was believed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=60, help="sheets a condition")
    parser.add_argument("--first-seed", type=int, default=20_000)
    parser.add_argument("--conditions", nargs="*", default=CONDITIONS)
    asked = parser.parse_args()
    if asked.first_seed < TUNED_BELOW:
        parser.error(f"seeds below {TUNED_BELOW} were tuned on")
    cv2.setNumThreads(1)
    print(
        "| condition | another length | believed | a pitch off | believed |\n|---|---|---|---|---|"
    )
    for condition in asked.conditions:
        count: Counter[str] = Counter()
        for seed in range(asked.first_seed, asked.first_seed + asked.sheets):
            made = drawn_sheet(seed, condition)
            image = cv2.imdecode(np.frombuffer(made.data, np.uint8), cv2.IMREAD_COLOR)
            for kind, name, meta in _wrong(made.meta):
                believed = not read_sheet(
                    np.asarray(image, np.uint8), parse_template(meta)
                ).rejected
                count.update({kind: 1, f"{kind} believed": int(believed)})
                if believed:
                    print(f"    {condition} {seed}: {name}")
        cells = [count[k] for k in ("length", "length believed", "step", "step believed")]
        print("|", " | ".join(map(str, [condition, *cells])), "|", flush=True)


def _wrong(meta: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for length in LENGTHS:
        if length != len(meta["questions"]):
            other = standard_meta(length) | {"fiducials": meta["fiducials"]}
            yield "length", f"{length} questions", other
    for step in STEPS:
        yield "step", f"off by {step}", shifted(meta, step)


def shifted(meta: dict[str, Any], step: tuple[int, int]) -> dict[str, Any]:
    moved = copy.deepcopy(meta)
    one, two = (choice["center"] for choice in moved["questions"][0]["choices"][:2])
    below = moved["questions"][1]["choices"][0]["center"]
    offset = step[0] * (two["x"] - one["x"]), step[1] * (below["y"] - one["y"])
    for question in moved["questions"]:
        for choice in question["choices"]:
            choice["center"]["x"] += offset[0]
            choice["center"]["y"] += offset[1]
    return moved


if __name__ == "__main__":
    main()
