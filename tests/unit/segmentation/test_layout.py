"""The built-in engine on rendered pages."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from analysis.segmentation.evaluation import TruthItem, score_page
from analysis.segmentation.layout import NO_NUMBERS, NO_TEXT, segment_layout
from analysis.segmentation.types import ItemKind
from tests.generators.exam_pages import degrade
from tests.generators.exam_pages.page import FORMS, render

_KINDS = {"q": ItemKind.QUESTION, "p": ItemKind.PASSAGE}


def _truth(page, matrix=None):
    boxes = np.array([item.box for item in page.items], dtype=float).reshape(-1, 4)
    moved = degrade.move_boxes(boxes, np.eye(3) if matrix is None else matrix)
    return [
        TruthItem(_KINDS[item.kind], item.number, tuple(box))
        for item, box in zip(page.items, moved, strict=True)
    ]


def _bgr(grey):
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("columns", [1, 2])
def test_every_form_of_number_is_found_and_read(style, form, columns):
    page = render(
        np.random.default_rng(3), replace(style, form=form, columns=columns, passages=0.0), first=8
    )
    found = segment_layout(_bgr(page.image))
    tally = score_page(found.items, _truth(page))
    assert found.columns == columns
    assert (tally.precision, tally.recall, tally.number_accuracy) == (1.0, 1.0, 1.0)
    assert tally.f1(tight=True) == 1.0


def test_a_page_without_a_divider_still_has_two_columns(style):
    page = render(np.random.default_rng(4), replace(style, divider=False), first=1)
    assert segment_layout(_bgr(page.image)).columns == 2


def test_numbers_that_hang_left_of_their_text_do_not_hide_a_column(style):
    hanging = replace(style, divider=False, header=False, hanging=True, text=27, figures=True)
    for seed in (1, 2, 3):
        page = render(np.random.default_rng(seed), hanging, first=21)
        assert segment_layout(_bgr(page.image)).columns == 2


def test_three_columns(style):
    thin = replace(style, columns=3, text=22, divider=False, figures=False, passages=0.0)
    page = render(np.random.default_rng(8), thin, first=1)
    found = segment_layout(_bgr(page.image))
    assert found.columns == 3
    assert score_page(found.items, _truth(page)).recall == 1.0


def test_shared_passages_tell_their_questions(style):
    page = render(np.random.default_rng(6), replace(style, passages=1.0), first=11)
    passages = [item for item in page.items if item.kind == "p"]
    found = segment_layout(_bgr(page.image))
    read = [item for item in found.items if item.kind is ItemKind.PASSAGE]
    assert passages
    assert [item.applies_to for item in read] == [
        tuple(range(item.number, item.last + 1)) for item in passages
    ]


@pytest.mark.parametrize("kind", ["scan", "photo"])
def test_scans_and_photographs_give_boxes_in_their_own_pixels(page, kind):
    shot = getattr(degrade, kind)(page.image, np.random.default_rng(9))
    found = segment_layout(_bgr(shot.image))
    tally = score_page(found.items, _truth(page, shot.matrix))
    assert tally.f1() == 1.0
    assert tally.number_accuracy == 1.0


@pytest.mark.parametrize(
    ("rotation", "angle"),
    [
        (cv2.ROTATE_90_CLOCKWISE, 90),
        (cv2.ROTATE_180, 180),
        (cv2.ROTATE_90_COUNTERCLOCKWISE, -90),
    ],
)
def test_a_turned_page_is_read_and_its_angle_told(picture, rotation, angle):
    upright = segment_layout(picture)
    turned = segment_layout(cv2.rotate(picture, rotation))
    assert [item.number for item in turned.items] == [item.number for item in upright.items]
    assert abs((turned.angle - angle + 180) % 360 - 180) < 1


def test_a_page_on_a_table_is_cut_out(picture):
    table = np.full((3200, 2400, 3), (40, 60, 70), np.uint8)
    table[400 : 400 + picture.shape[0], 350 : 350 + picture.shape[1]] = picture
    direct, found = segment_layout(picture), segment_layout(table)
    assert [item.number for item in found.items] == [item.number for item in direct.items]
    shift = np.array(found.items[0].box[:2]) - np.array(direct.items[0].box[:2])
    assert np.abs(shift - (350, 400)).max() < 12


def test_a_note_to_the_candidates_belongs_to_no_question(style):
    page = render(
        np.random.default_rng(12), replace(style, note=True, footer="exam", passages=0.0), first=1
    )
    tally = score_page(segment_layout(_bgr(page.image)).items, _truth(page))
    assert tally.f1(tight=True) == 1.0


def test_items_come_in_reading_order_and_boxes_stay_inside(picture):
    found = segment_layout(picture)
    assert [item.column for item in found.items] == sorted(item.column for item in found.items)
    for item in found.items:
        x, y, w, h = item.box
        assert 0 <= x < x + w <= picture.shape[1]
        assert 0 <= y < y + h <= picture.shape[0]


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(np.full((1200, 900, 3), 255, np.uint8), id="white"),
        pytest.param(np.zeros((1200, 900, 3), np.uint8), id="black"),
        pytest.param(np.full((16, 16, 3), 90, np.uint8), id="tiny"),
        pytest.param(np.full((16, 4000, 3), 200, np.uint8), id="a strip"),
    ],
)
def test_a_page_without_text_gives_no_items_and_a_reason(image):
    found = segment_layout(image)
    assert found.items == ()
    assert found.reason == NO_TEXT


def test_prose_without_numbers_gives_no_items_and_a_reason(style):
    page = render(np.random.default_rng(2), replace(style, form="", passages=0.0, figures=False))
    found = segment_layout(_bgr(page.image))
    assert found.items == ()
    assert found.reason == NO_NUMBERS


def test_noise_and_pictures_are_no_questions():
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 255, (14, 10, 3), dtype=np.uint8)
    cat = cv2.resize(coarse, (1000, 1400), interpolation=cv2.INTER_CUBIC)
    assert segment_layout(cat).items == ()
    assert segment_layout(rng.integers(0, 255, (900, 700, 3), dtype=np.uint8)).items == ()
