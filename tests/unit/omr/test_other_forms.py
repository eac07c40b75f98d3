"""Forms of other makers: proven by print that looks alike, or refused."""

import copy
from dataclasses import replace
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np
import pytest

from analysis.omr.reader import Sheet, read_sheet
from analysis.omr.standard_form import standard_meta
from analysis.omr.template import parse_template
from faults import Permanent
from tests.generators.omr.foreign_form import VIEWS, ForeignSheet, foreign_sheet
from tests.generators.omr.pale_form import PaleSheet, pale_sheet
from tests.unit.omr.conftest import picture

FOREIGN_SEEDS = range(9200, 9206)
"""Never tuned on."""


@lru_cache(maxsize=24)
def foreign(seed: int, view: str) -> ForeignSheet:
    return foreign_sheet(seed, view)


def read(sheet: PaleSheet, meta: dict[str, Any] | None = None) -> Sheet:
    return read_sheet(sheet.image, parse_template(meta or sheet.meta))


def test_pale_ovals_under_a_template_taken_by_hand_are_read_or_refused_never_wrong() -> None:
    """Refused is the form whose numbers stand where a further column of ovals might."""
    sheets = [pale_sheet(seed) for seed in range(6)]
    reads = [(made, read(made)) for made in sheets]
    taken = [(made, sheet) for made, sheet in reads if not sheet.rejected]
    assert len(taken) >= 2
    for made, sheet in taken:
        read_and_meant = list(zip(sheet.answers, made.answers.values(), strict=True))
        right = [list(answer.detected) == meant for answer, meant in read_and_meant]
        assert np.mean(right) > 0.98
        assert all(list(a.detected) == m for a, m in read_and_meant if a.status in ("ok", "blank"))


@pytest.mark.parametrize("step", [(7.0, 0.0), (-7.0, 0.0), (0.0, 5.5), (0.0, -5.5)])
def test_pale_ovals_one_pitch_off_are_refused(step: tuple[float, float]) -> None:
    made = pale_sheet(11, off_mm=0.3)
    meta = copy.deepcopy(made.meta)
    for question in meta["questions"]:
        for choice in question["choices"]:
            choice["center"]["x"] += step[0]
            choice["center"]["y"] += step[1]
    assert read(made, meta).answers == ()


def test_a_page_of_text_is_no_form() -> None:
    made = pale_sheet(12)
    text = pale_sheet(13, columns=1, rows=1).image
    sheet = read_sheet(text, parse_template(made.meta))
    assert sheet.answers == ()


def test_dashed_outlines_of_a_bilevel_scan_without_markers_are_read() -> None:
    made, image = picture(9300, "scan_200", "clean")
    pale = np.where(image.min(axis=2, keepdims=True) < 190, 0, 255).astype(np.uint8)
    rng = np.random.default_rng(5)
    torn = np.where(rng.random(pale.shape) < 0.35, 255, pale).astype(np.uint8)
    meta = made.meta | {"fiducials": []}
    sheet = read_sheet(np.repeat(torn, 3, axis=2), parse_template(meta))
    assert not sheet.rejected
    meant = list(made.answers.values())
    accepted = [
        (list(read.detected), truth)
        for read, truth in zip(sheet.answers, meant, strict=True)
        if read.status in ("ok", "blank")
    ]
    assert all(read == truth for read, truth in accepted)


@pytest.mark.parametrize(("printed", "asked"), [(20, 10)])
def test_a_form_with_further_questions_is_another_form(printed: int, asked: int) -> None:
    made, image = next(
        shot
        for shot in (picture(seed, "scan_200", "clean") for seed in range(9100, 9130))
        if len(shot[0].answers) == printed
    )
    part = copy.deepcopy(made.meta)
    part["questions"] = part["questions"][:asked]
    part["question_count"] = asked
    assert read_sheet(image, parse_template(part)).answers == ()


@pytest.mark.parametrize("step", [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_all_bubbles_one_pitch_off_the_page_are_refused(step: tuple[int, int]) -> None:
    made, image = picture(9101, "scan_100", "clean")
    meta = copy.deepcopy(made.meta) | {"fiducials": []}
    first, second = (choice["center"] for choice in meta["questions"][0]["choices"][:2])
    below = meta["questions"][1]["choices"][0]["center"]
    pitch = (second["x"] - first["x"], below["y"] - first["y"])
    assert not read_sheet(image, parse_template(meta)).rejected
    for bubble in [
        *meta["identifier"]["bubbles"],
        *(choice for question in meta["questions"] for choice in question["choices"]),
    ]:
        bubble["center"]["x"] += step[0] * pitch[0]
        bubble["center"]["y"] += step[1] * pitch[1]
    assert read_sheet(image, parse_template(meta)).answers == ()


def test_an_unknown_form_of_another_size_is_refused() -> None:
    sheet = read_sheet(pale_sheet(14).image, parse_template(standard_meta(30)))
    assert sheet.answers == ()


@pytest.mark.parametrize("view", VIEWS)
def test_a_foreign_form_is_read_or_refused_never_wrong(view: str) -> None:
    """Rings, boxes and bare letters; templates by hand; a page that is the paper or part of it."""
    reads = [(made, read_foreign(made)) for made in map(foreign, FOREIGN_SEEDS, repeat(view))]
    taken = [(made, sheet) for made, sheet in reads if not sheet.rejected]
    assert len(taken) >= len(reads) / 2
    assert [silent(made, sheet) for made, sheet in taken] == [[] for _ in taken]


@pytest.mark.parametrize("view", ["rectified", "photo"])
@pytest.mark.parametrize("step", [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_a_foreign_template_one_pitch_off_is_refused_or_found_where_it_belongs(
    step: tuple[int, int], view: str
) -> None:
    for made in map(foreign, FOREIGN_SEEDS, repeat(view)):
        try:
            sheet = read_foreign(made, made.shifted(*step))
        except Permanent:
            continue
        assert silent(made, sheet) == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_foreign_template_that_lacks_the_last_choice_is_refused(view: str) -> None:
    for made in map(foreign, FOREIGN_SEEDS, repeat(view)):
        questions = [q | {"choices": q["choices"][:-1]} for q in made.meta["questions"]]
        assert read_foreign(made, made.meta | {"questions": questions}).rejected


def test_a_foreign_form_turned_upside_down_is_read_or_refused_never_wrong() -> None:
    for made in map(foreign, FOREIGN_SEEDS, repeat("photo")):
        turned = replace(made, image=np.rot90(made.image, 2).copy())
        assert silent(made, read_foreign(turned)) == []


def read_foreign(made: ForeignSheet, meta: dict[str, Any] | None = None) -> Sheet:
    return read_sheet(made.image, parse_template(meta or made.meta))


def silent(made: ForeignSheet, sheet: Sheet) -> list[str]:
    """Questions whose answer is accepted without a look and wrong."""
    meant = zip(made.answers.items(), sheet.answers, strict=False)
    return [
        question
        for (question, truth), answer in meant
        if answer.status in ("ok", "blank") and list(answer.detected) != truth
    ]


def test_a_part_of_a_column_is_not_moved_onto_the_row_above() -> None:
    made = foreign_sheet(60_022, "scan")
    sheet = read_sheet(made.image, parse_template(made.meta))
    wrong = [
        question["question_id"]
        for question, answer in zip(made.meta["questions"], sheet.answers, strict=True)
        if answer.status in ("ok", "blank")
        and list(answer.detected) != made.answers[question["question_id"]]
    ]
    assert not sheet.rejected
    assert wrong == []
