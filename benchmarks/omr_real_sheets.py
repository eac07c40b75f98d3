"""Real sheets of other makers, NAME.FORM.jpg with NAME.meta.json and NAME.truth.json beside them.

    python -m benchmarks.omr_real_sheets FOLDER [--forms aligned raw]

Each is read under its own template, and under it with all questions a pitch off in four directions,
without each question's last choice, and turned upside down. The truth's `answers` are by question
id; several marks are one string.
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the image has it

import cv2
import numpy as np

from analysis.image import Image, read_image
from analysis.omr.decision import Status
from analysis.omr.reader import read_sheet
from analysis.omr.template import parse_template
from benchmarks.omr_foreign_forms import narrowed
from benchmarks.omr_wrong_forms import STEPS, shifted

_TRUTH = ".truth.json"


def main() -> None:
    """Read all, print a table; name every answer that was accepted and wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--forms", nargs="*", default=["aligned", "raw"])
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    print("| form | template | sheets | read | questions | right | flagged | silent |")
    print("|---|---|---|---|---|---|---|---|")
    for form in asked.forms:
        counts: dict[str, Counter[str]] = {}
        for truth_file in sorted(asked.folder.glob(f"*{_TRUTH}")):
            name = truth_file.name.removesuffix(_TRUTH)
            answers = json.loads(truth_file.read_text("utf-8"))["answers"]
            meta = json.loads((asked.folder / f"{name}.meta.json").read_text("utf-8"))
            image = read_image(asked.folder / f"{name}.{form}.jpg")
            for kind, seen, under in _cases(image, meta):
                counts.setdefault(kind, Counter()).update(_read(name, answers, seen, under))
        for kind, count in counts.items():
            cells = [count[k] for k in ("sheets", "read", "n", "right", "flagged", "silent")]
            print("|", " | ".join(map(str, [form, kind, *cells])), "|", flush=True)


def _cases(image: Image, meta: dict[str, Any]) -> Iterator[tuple[str, Image, dict[str, Any]]]:
    yield "its own", image, meta
    for step in STEPS:
        yield "a pitch off", image, shifted(meta, step)
    yield "a choice less", image, narrowed(meta)
    yield "upside down", np.rot90(image, 2).copy(), meta


def _read(name: str, truth: dict[str, str], image: Image, meta: dict[str, Any]) -> Counter[str]:
    sheet = read_sheet(image, parse_template(meta))
    found = Counter(sheets=1, read=int(not sheet.rejected))
    for question, answer in zip(meta["questions"], sheet.answers, strict=False):
        wanted = truth.get(question["question_id"])
        if wanted is None:
            continue
        right = "".join(answer.detected) == wanted
        sure = answer.status in (Status.OK, Status.BLANK)
        found.update(n=1, right=int(right), flagged=int(not sure), silent=int(sure and not right))
        if sure and not right:
            print(f"    {name} {question['question_id']}: {wanted!r} read as {answer.detected}")
    return found


if __name__ == "__main__":
    main()
