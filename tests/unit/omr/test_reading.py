"""Answers are right or flagged; nothing is guessed silently."""

import cv2
import numpy as np
import pytest

from analysis.image import Image
from analysis.omr.decision import Status
from analysis.omr.reader import Sheet, read_sheet
from analysis.omr.template import parse_template
from tests.generators.omr.camera import CONDITIONS
from tests.generators.omr.sheets import Filled
from tests.unit.omr.conftest import SMOKE_SEEDS, picture

ACCEPTED = (Status.OK, Status.BLANK)
PALE_MARKS_LOST = 0.85
"""Share right of a 1-bit scan, where pale pencil is gone and must be flagged."""


def read(made: Filled, image: Image) -> Sheet:
    return read_sheet(image, parse_template(made.meta))


def silently_wrong(made: Filled, sheet: Sheet) -> list[tuple[int, str, tuple[str, ...]]]:
    """Number, kind of mark and reading of each answer that is accepted and wrong."""
    return [
        (number, made.kinds[number], answer.detected)
        for answer, (number, wanted) in zip(sheet.answers, made.answers.items(), strict=True)
        if answer.status in ACCEPTED and list(answer.detected) != wanted
    ]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_no_answer_is_silently_wrong(condition: str) -> None:
    right = asked = rejected = 0
    for seed in SMOKE_SEEDS[:4]:
        made, image = picture(seed, condition)
        sheet = read(made, image)
        rejected += sheet.rejected
        if sheet.rejected:
            continue
        for answer, (number, wanted) in zip(sheet.answers, made.answers.items(), strict=True):
            same = list(answer.detected) == wanted
            assert same or answer.status not in ACCEPTED, (seed, number, made.kinds[number])
            right += same
            asked += 1
        assert sheet.identifier is not None
        assert sheet.identifier.value in (None, made.identifier)
    assert right / asked >= (PALE_MARKS_LOST if condition == "scan_1bit" else 0.95)
    assert rejected <= (condition == "photo_hard")


@pytest.mark.parametrize("seed", SMOKE_SEEDS)
def test_thirteen_kinds_of_marks_are_right_or_flagged(seed: int) -> None:
    made, image = picture(seed, "scan_200", "even")
    assert silently_wrong(made, read(made, image)) == []


@pytest.mark.parametrize("seed", [120_026, 120_098])
def test_print_that_two_erasures_took_from_their_choice_is_no_mark_elsewhere(seed: int) -> None:
    made, image = picture(seed, "scan_200", "even")
    assert silently_wrong(made, read(made, image)) == []


@pytest.mark.parametrize("condition", ["scan_200", "photo_turned"])
def test_one_choice_marked_from_top_to_bottom_is_not_taken_for_print(condition: str) -> None:
    right = asked = 0
    for seed in SMOKE_SEEDS:
        made, image = picture(seed, condition, "column")
        sheet = read(made, image)
        for answer, (number, wanted) in zip(sheet.answers, made.answers.items(), strict=True):
            same = list(answer.detected) == wanted
            assert same or answer.status not in ACCEPTED, (seed, number, made.kinds[number])
            right += same
            asked += 1
        assert sheet.identifier is not None
        assert sheet.identifier.value in (None, made.identifier)
    assert right / asked >= 0.95


def test_clean_marks_are_read_without_a_single_doubt(clean: tuple[Filled, Image]) -> None:
    made, image = clean
    sheet = read(made, image)
    assert [list(answer.detected) for answer in sheet.answers] == list(made.answers.values())
    assert {answer.status for answer in sheet.answers} == {Status.OK}
    assert sheet.identifier is not None
    assert sheet.identifier.value == made.identifier


@pytest.mark.parametrize("slope", [0.0, 0.3, -1.0, 4.0])
def test_a_narrow_shadow_changes_no_answer(clean: tuple[Filled, Image], slope: float) -> None:
    made, image = clean
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width] - np.array([height / 2, width / 2])[:, None, None]
    off = np.abs(y - slope * x) / np.hypot(slope, 1.0)
    lit = 0.7 + 0.3 * np.clip((off - 70) / 20, 0.0, 1.0)
    sheet = read(made, (image * lit[..., None]).astype(np.uint8))
    assert [list(answer.detected) for answer in sheet.answers] == list(made.answers.values())
    assert {answer.status for answer in sheet.answers} == {Status.OK}
    assert sheet.identifier is not None
    assert sheet.identifier.value == made.identifier


def test_an_answer_in_red_is_never_called_blank(clean: tuple[Filled, Image]) -> None:
    made, image = clean
    template = parse_template(made.meta)
    found = read_sheet(image, template).registration
    assert found is not None
    painted = image.copy()
    question = template.questions[2]
    mine = next(c for c in question.choices if c.label == made.answers[3][0])
    other = next(c for c in question.choices if c is not mine)
    radius = int(template.radii[mine.index, 0] * found.sheet_map.pixels_per_mm())
    for choice, colour in ((mine, (250, 250, 250)), (other, (60, 50, 225))):
        place = found.places[choice.index].round().astype(int)
        cv2.circle(painted, (int(place[0]), int(place[1])), radius, colour, -1, cv2.LINE_AA)
    answer = read_sheet(painted, template).answers[2]
    assert answer.status not in ACCEPTED


def test_print_told_from_other_labels_is_no_red_mark() -> None:
    made, image = picture(425, "photo_turned")
    sheet = read(made, image)
    assert not sheet.rejected
    assert not [answer for answer in sheet.answers if answer.reason == "red_mark"]


def test_a_choice_marked_in_red_from_top_to_bottom_is_never_called_blank(
    clean: tuple[Filled, Image],
) -> None:
    made, image = clean
    template = parse_template(made.meta)
    found = read_sheet(image, template).registration
    assert found is not None
    painted = image.copy()
    for question in template.questions:
        for choice in question.choices:
            radius = int(template.radii[choice.index, 0] * found.sheet_map.pixels_per_mm())
            x, y = (int(v) for v in found.places[choice.index].round())
            if choice.label in made.answers[int(question.question_id)]:
                painted[y - radius : y + radius, x - radius : x + radius] = 250
            if choice is question.choices[1]:
                cv2.circle(painted, (x, y), radius, (60, 50, 225), -1, cv2.LINE_AA)
    answers = read_sheet(painted, template).answers
    assert not [answer for answer in answers if answer.status in ACCEPTED]


def test_the_same_picture_gives_the_same_answers(clean: tuple[Filled, Image]) -> None:
    made, image = clean
    assert read(made, image).answers == read(made, image.copy()).answers


@pytest.mark.parametrize("quality", [70, 80, 95])
@pytest.mark.parametrize(("turn", "shift"), [(0.0, 0), (0.3, 0), (-0.3, 0), (0.0, 2), (0.0, -2)])
def test_a_hair_of_change_never_swaps_one_accepted_answer_for_another(
    quality: int, turn: float, shift: int
) -> None:
    made, image = picture(SMOKE_SEEDS[0], "scan_200", "even")
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0)
    matrix[:, 2] += shift
    moved = cv2.warpAffine(image, matrix, (width, height), borderValue=(250, 250, 250))
    data = cv2.imencode(".jpg", moved, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    again = read(made, np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8))
    for before, after in zip(read(made, image).answers, again.answers, strict=True):
        if before.status in ACCEPTED and after.status in ACCEPTED:
            assert before.detected == after.detected
