"""Filled sheets with known answers, from the very PDF an academy prints."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from analysis.omr.sheet_pdf import sheet_pdf
from analysis.omr.standard_form import standard_meta
from analysis.omr.template import Template, parse_template
from tests.generators.omr.camera import CONDITIONS
from tests.generators.omr.marks import KINDS, PENS, TYPICAL, Hand, Pen
from tests.generators.omr.mishaps import PAGE_MISHAPS, ROW_MISHAPS, Row

FONT = "/usr/share/fonts/truetype/nanum/NanumGothic.ttf"
SCALE = 11.0
"""px a mm of the rendered sheet, 280 dpi."""


DRAWN = {
    "marks": ("scan_200", "even"),
    "column_scan": ("scan_200", "column"),
    "column_photo": ("photo_turned", "column"),
}
"""Conditions that are told by what is drawn: the picture taken, and the marks."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A picture file and its truth: `answers` by question id, `kinds` alike, `identifier`."""

    data: bytes
    meta: dict[str, Any]
    identifier: str
    answers: Mapping[int, list[str]]
    kinds: Mapping[int, str]

    def truth(self, name: str, condition: str, meta_file: str) -> dict[str, Any]:
        """The truth file as `academy-worker omr evaluate` reads it."""
        return {
            "name": name,
            "cond": condition,
            "meta": meta_file,
            "identifier": self.identifier,
            "questions": [
                {"question_id": number, "answer": answer, "kind": self.kinds[number]}
                for number, answer in self.answers.items()
            ],
        }


def filled_sheet(seed: int, condition: str, *, marks: str = "typical") -> Filled:
    """Fill a sheet and take its picture; `marks` is typical, even (13 kinds), clean, column or the
    name of a mishap.

    Of a column, a guesser's, one choice is marked in all rows or in most, and now and then one
    digit all along the identifier.
    """
    rng = np.random.default_rng([seed, *condition.encode()])
    meta, blank = _blank(
        int(rng.choice([10, 20, 30])), bool(rng.random() < 0.5) or "1bit" in condition
    )
    template = parse_template(meta)
    sheet = _misregistered(blank, rng)
    hand = Hand(sheet, SCALE, rng)
    pen = PENS[rng.integers(len(PENS))]
    number = "".join(str(rng.integers(10)) for _ in template.digits)
    if marks == "column" and rng.random() < 0.5:
        number = number[:1] * len(number)
    identifier = _identifier(template, hand, pen, number)
    guess = int(rng.integers(10)) if marks == "column" else 0
    guessed = float(rng.choice([1.0, rng.uniform(0.6, 1.0)])) if marks == "column" else 0.0
    answers, kinds = {}, {}
    for question in template.questions:
        kind = _kind(rng, marks)
        index = [choice.index for choice in question.choices]
        place = int(rng.integers(len(index)))
        if guessed and rng.random() < guessed:
            place = guess % len(index)
        bubbles = template.centers[index], float(template.radii[index[0], 0]), pen, place
        if kind in ROW_MISHAPS:
            meant = ROW_MISHAPS[kind](Row(sheet, SCALE, rng, *bubbles))
        else:
            meant = hand.mark(kind, *bubbles)
        answers[int(question.question_id)] = [question.choices[i].label for i in meant]
        kinds[int(question.question_id)] = kind
    _dirt(hand, template, rng)
    if marks in PAGE_MISHAPS:
        PAGE_MISHAPS[marks](sheet, SCALE, template, rng)
    data = CONDITIONS[condition](sheet, SCALE, rng)
    return Filled(data, meta, identifier, answers, kinds)


def drawn_sheet(seed: int, condition: str) -> Filled:
    """A sheet of a camera's condition or of one of DRAWN."""
    taken, marks = DRAWN.get(condition, (condition, "typical"))
    return filled_sheet(seed, taken, marks=marks)


def write_bench(folder: Path, seeds: range, conditions: list[str]) -> None:
    """Write pictures and truths laid out as `academy-worker omr evaluate` expects them."""
    folder.mkdir(parents=True, exist_ok=True)
    for condition in conditions:
        for seed in seeds:
            made = drawn_sheet(seed, condition)
            name = f"{condition}_{seed:04d}"
            meta_file = f"meta_{name}.json"
            (folder / f"{name}.jpg").write_bytes(made.data)
            (folder / meta_file).write_text(json.dumps(made.meta))
            (folder / f"{name}.json").write_text(
                json.dumps(made.truth(name, condition, meta_file), ensure_ascii=False)
            )


@lru_cache(maxsize=8)
def _blank(question_count: int, fiducials: bool) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    meta = standard_meta(question_count)
    if not fiducials:
        meta = meta | {"fiducials": []}
    page = pypdfium2.PdfDocument(sheet_pdf(meta, FONT))[0]
    pixels = page.render(scale=SCALE * 25.4 / 72).to_numpy()[:, :, :3]
    size = (round(297 * SCALE), round(210 * SCALE))
    return meta, cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _kind(rng: np.random.Generator, marks: str) -> str:
    if marks == "clean":
        return "full"
    if marks in ROW_MISHAPS or marks in PAGE_MISHAPS:
        spared = rng.random() < 0.5
        return "full" if spared else marks if marks in ROW_MISHAPS else "blank"
    if marks == "even":
        return str(rng.choice(KINDS))
    names, chances = list(TYPICAL), np.array(list(TYPICAL.values()))
    return str(rng.choice(names, p=chances / chances.sum()))


def _identifier(template: Template, hand: Hand, pen: Pen, number: str) -> str:
    for digit, value in zip(template.digits, number, strict=True):
        choice = next(choice for choice in digit.choices if choice.label == value)
        hand.fill(template.centers[choice.index], float(template.radii[choice.index, 0]), pen)
    return number


def _misregistered(blank: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Print whose plates do not meet: each colour up to 0.25 mm off."""
    most = round(0.25 * SCALE)
    plates = [
        np.roll(blank[:, :, plate], rng.integers(-most, most + 1, 2), axis=(0, 1))
        for plate in range(3)
    ]
    return np.ascontiguousarray(np.stack(plates, axis=2))


def _dirt(hand: Hand, template: Template, rng: np.random.Generator) -> None:
    """A name in strokes, specks, a fold, and now and then a teacher's red pen."""
    for _ in range(6):
        start = np.array([30.0, 48.0]) + rng.uniform(0, [40, 14])
        hand.stroke(start + np.cumsum(rng.normal(0, 1.2, (6, 2)), axis=0), PENS[0])
    for _ in range(int(rng.integers(4))):
        spot = rng.uniform([5, 5], [template.width - 5, template.height - 5])
        hand.stroke(np.array([spot, spot + 0.2]), Pen((90, 90, 90), 0.6, 0.3, 0.2))
    if rng.random() < 0.3:
        x = rng.uniform(0.3, 0.7) * template.width
        fold = Pen((190, 190, 190), 0.35, 0.4, 0.1)
        hand.stroke(np.array([[x, 0.0], [x + rng.normal(0, 2), template.height]]), fold)
    if rng.random() < 0.25:
        red = Pen((45, 40, 215), 0.9, 0.7, 0.05)
        for _ in range(4):
            question = template.questions[rng.integers(len(template.questions))]
            first = template.centers[question.choices[0].index]
            turn = np.linspace(0, 6.5, 30)
            hand.stroke(
                first + np.array([-7.0, 0.0]) + 4.0 * np.stack([np.cos(turn), np.sin(turn)], 1), red
            )
