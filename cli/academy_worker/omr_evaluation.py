"""How right, and above all how silently wrong, the sheet reader is over a folder of truths."""

import json
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.image import Image, read_image
from analysis.omr.decision import Status
from analysis.omr.reader import Sheet, read_sheet
from analysis.omr.template import Template, parse_template

BANDS = (0.0, 0.55, 0.65, 0.8, 0.9, 0.95, 0.99)
"""Lower ends of the confidence bands of the calibration curve."""


@dataclass(slots=True)
class Tally:
    """Counts of one condition; `seconds` is CPU time without decoding.

    `answers` and `wrong` count best guesses, accepted or flagged, by band of confidence.
    """

    sheets: int = 0
    rejected: int = 0
    exact: int = 0
    questions: int = 0
    right: int = 0
    silent: int = 0
    flagged: int = 0
    answers: list[int] = field(default_factory=lambda: [0] * len(BANDS))
    wrong: list[int] = field(default_factory=lambda: [0] * len(BANDS))
    identifier_right: int = 0
    identifier_silent: int = 0
    seconds: float = 0.0
    mistakes: list[str] = field(default_factory=list)

    def bound(self) -> float:
        """Upper 95 % bound of the silent error rate (rule of three, or Poisson above 0)."""
        if not self.questions:
            return 1.0
        top = 3.0 if not self.silent else self.silent + 2.0 * self.silent**0.5 + 2.0
        return top / self.questions


def evaluate(folder: Path) -> dict[str, Tally]:
    """Read every sheet of a folder; tallies by condition, the whole under `all`."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for truth_file, truth in truths(folder):
        meta = json.loads((folder / truth["meta"]).read_text("utf-8"))
        count_sheet(tallies, truth, read_image(truth_file.with_suffix(".jpg")), meta)
    return dict(tallies)


def count_sheet(
    tallies: dict[str, Tally],
    truth: Mapping[str, Any],
    image: Image,
    meta: Mapping[str, Any],
    *,
    also: tuple[str, ...] = (),
) -> None:
    """Read one BGR picture and count it under its condition, under `also` and under `all`."""
    template = parse_template(meta)
    started = time.process_time()
    sheet = read_sheet(image, template)
    seconds = time.process_time() - started
    for name in (truth["cond"], *also, "all"):
        tally = tallies[name]
        tally.seconds += seconds
        _count(tally, truth, sheet, template)


def truths(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Truth files of a bench folder, in order."""
    for path in sorted(folder.glob("*.json")):
        if not path.name.startswith("meta_"):
            yield path, json.loads(path.read_text("utf-8"))


def _count(tally: Tally, truth: Mapping[str, Any], sheet: Sheet, template: Template) -> None:
    tally.sheets += 1
    if sheet.rejected:
        tally.rejected += 1
        tally.mistakes.append(f"{truth['name']}: rejected")
        return
    exact = True
    by_id = {question["question_id"]: question for question in truth["questions"]}
    for question, read in zip(template.questions, sheet.answers, strict=True):
        wanted = by_id[question.question_id]
        right = set(read.detected) == set(wanted["answer"])
        accepted = read.status in (Status.OK, Status.BLANK)
        tally.questions += 1
        tally.right += right
        tally.flagged += not accepted
        tally.silent += accepted and not right
        band = bisect_right(BANDS, read.confidence) - 1
        tally.answers[band] += 1
        tally.wrong[band] += not right
        exact &= right
        if accepted and not right:
            tally.mistakes.append(
                f"{truth['name']} q{question.question_id}: {wanted.get('kind', '')} "
                f"{wanted['answer']} read as {list(read.detected)}"
            )
    if sheet.identifier is not None:
        value = sheet.identifier.value
        tally.identifier_right += value == truth["identifier"]
        tally.identifier_silent += value not in (None, truth["identifier"])
        exact &= value == truth["identifier"]
    tally.exact += exact
