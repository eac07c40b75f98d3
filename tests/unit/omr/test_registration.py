"""A fit is proven or there is none."""

import copy
from typing import Any

import cv2
import numpy as np
import pytest

from analysis.image import Image
from analysis.omr.lattice import least_pitch
from analysis.omr.reader import read_sheet
from analysis.omr.registration import register
from analysis.omr.standard_form import standard_meta
from analysis.omr.template import parse_template
from analysis.omr.wrong_sheet import torn
from tests.generators.omr.sheets import Filled
from tests.unit.omr.conftest import picture


def grey(image: Image) -> Any:
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


@pytest.mark.parametrize("turns", range(4))
def test_any_quarter_turn_is_found(clean: tuple[Filled, Image], turns: int) -> None:
    made, image = clean
    template = parse_template(made.meta)
    found = register(grey(np.rot90(image, turns).copy()), template)
    assert found is not None
    assert found.accepted
    assert found.residual_mm < 0.2


@pytest.mark.parametrize(
    "image",
    [
        np.full((800, 1100, 3), 240, np.uint8),
        np.random.default_rng(1).integers(0, 255, (800, 1100, 3)).astype(np.uint8),
        cv2.GaussianBlur(
            np.random.default_rng(2).integers(0, 255, (900, 900, 3)).astype(np.uint8), (0, 0), 6
        ),
    ],
    ids=["paper", "noise", "clouds"],
)
def test_a_picture_of_nothing_gives_no_answer(image: Image) -> None:
    sheet = read_sheet(image, parse_template(standard_meta(20)))
    assert sheet.rejected
    assert sheet.answers == ()


@pytest.mark.parametrize("count", [10, 20, 30])
def test_another_form_is_refused(count: int) -> None:
    made, image = picture(9100, "scan_200", "clean")
    other = standard_meta(count, choices=4)
    if len(made.answers) == count:
        other = standard_meta(count, choices=3)
    sheet = read_sheet(image, parse_template(other))
    assert sheet.rejected
    assert sheet.answers == ()


@pytest.mark.parametrize("seed", [404, 405, 190_010])
def test_a_form_with_further_blocks_is_refused_where_a_scan_tore_its_outlines(seed: int) -> None:
    made, image = picture(seed, "scan_1bit")
    assert not read_sheet(image, parse_template(made.meta)).rejected
    for count in range(10, len(made.answers), 10):
        assert read_sheet(image, parse_template(standard_meta(count))).answers == ()


@pytest.mark.parametrize("seed", [466, 503])
def test_pale_marks_on_a_torn_scan_are_read_where_its_markers_hold_it(seed: int) -> None:
    made, image = picture(seed, "scan_1bit")
    sheet = read_sheet(image, parse_template(made.meta))
    assert not sheet.rejected
    for answer, wanted in zip(sheet.answers, made.answers.values(), strict=True):
        assert list(answer.detected) == wanted or answer.status not in ("ok", "blank")


def test_a_page_cut_by_the_picture_is_not_held_against_its_sheet() -> None:
    made, image = picture(170_056, "photo_cut")
    assert not read_sheet(image, parse_template(made.meta)).rejected


@pytest.mark.parametrize("step", [(1, 0), (-1, 0), (0, 1), (0, -1)])
@pytest.mark.parametrize(
    ("condition", "seed", "marks"),
    [
        ("scan_200", 9101, "clean"),
        ("photo_easy", 9101, "clean"),
        ("scan_1bit", 175_000, "typical"),
        ("photo_hard", 175_000, "typical"),
        ("photo_white", 175_002, "typical"),
    ],
)
def test_questions_one_pitch_off_are_refused(
    condition: str, seed: int, marks: str, step: tuple[int, int]
) -> None:
    """The questions of the meta are moved by one bubble against the rest of the sheet."""
    made, image = picture(seed, condition, marks)
    meta = copy.deepcopy(made.meta)
    first, second = (choice["center"] for choice in meta["questions"][0]["choices"][:2])
    below = meta["questions"][1]["choices"][0]["center"]
    pitch = (second["x"] - first["x"], below["y"] - first["y"])
    for question in meta["questions"]:
        for choice in question["choices"]:
            choice["center"]["x"] += step[0] * pitch[0]
            choice["center"]["y"] += step[1] * pitch[1]
    sheet = read_sheet(image, parse_template(meta))
    assert sheet.rejected
    assert sheet.answers == ()


def test_all_bubbles_one_pitch_off_the_markers_are_refused() -> None:
    made, image = next(
        (made, image)
        for made, image in (picture(seed, "scan_200", "clean") for seed in range(9100, 9110))
        if made.meta["fiducials"]
    )
    meta = copy.deepcopy(made.meta)
    first, second = (choice["center"] for choice in meta["questions"][0]["choices"][:2])
    pitch = second["x"] - first["x"]
    for bubble in [
        *meta["identifier"]["bubbles"],
        *(choice for question in meta["questions"] for choice in question["choices"]),
    ]:
        bubble["center"]["x"] += pitch
    assert read_sheet(image, parse_template(meta)).rejected


def test_part_of_a_curled_sheet_is_not_read_from_the_row_above() -> None:
    made, image = picture(250_013, "photo_hard")
    sheet = read_sheet(image, parse_template(made.meta))
    assert not sheet.rejected
    assert [list(answer.detected) for answer in sheet.answers] == list(made.answers.values())


@pytest.mark.parametrize(
    ("moved", "leaps"),
    [("nothing", False), ("a column", True), ("lower rows", True), ("a block", True)],
)
def test_places_that_leap_onto_another_row_are_told_from_curled_paper(
    moved: str, leaps: bool
) -> None:
    template = parse_template(standard_meta(30))
    x, y = template.centers.T
    block = template.question_blocks[1]
    part = {
        "nothing": block[:0],
        "a column": block[x[block] == x[block].max()],
        "lower rows": block[y[block] > np.median(y[block])],
        "a block": block,
    }[moved]
    places = template.centers * 8 + 20 * np.sin(x / 297 * 3 * np.pi)[:, None] * [0.2, 1.0]
    places[part, 1] -= 8 * least_pitch(template)
    assert torn(places, template) == leaps


def test_a_bubble_outside_the_picture_is_an_error_and_never_read() -> None:
    made, image = picture(9100, "scan_200", "clean")
    template = parse_template(made.meta)
    upright = register(grey(image), template)
    assert upright is not None
    image = np.rot90(image, upright.rotation // 90).copy()
    right = register(grey(image), template)
    assert right is not None
    last = template.questions[-1].choices[-1].index
    cut = image[:, : int(right.places[last, 0] - 2)].copy()
    sheet = read_sheet(cut, template)
    assert not sheet.rejected
    assert sheet.answers[-1].status == "error"
    assert sheet.answers[-1].detected == ()
