"""Array geometry of boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.boxes import (
    areas,
    centre_to_xyxy,
    iou,
    match,
    reading_order,
    suppress,
    xywh_to_xyxy,
    xyxy_to_xywh,
)

_SIDE = st.integers(0, 60)
_BOXES = st.lists(st.tuples(_SIDE, _SIDE, st.integers(1, 40), st.integers(1, 40)), max_size=12)


def _xyxy(boxes):
    return xywh_to_xyxy(np.array(boxes, dtype=float).reshape(-1, 4))


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ([0, 0, 10, 10], [0, 0, 10, 10], 1.0),
        ([0, 0, 10, 10], [5, 0, 15, 10], 1 / 3),
        ([0, 0, 10, 10], [10, 0, 20, 10], 0.0),
        ([0, 0, 10, 10], [2, 2, 4, 4], 0.04),
        ([0, 0, 10, 10], [10, 10, 0, 0], 0.0),
        ([3, 3, 3, 3], [3, 3, 3, 3], 0.0),
    ],
)
def test_overlap_of_two_boxes(one, two, expected):
    assert iou(np.array([one]), np.array([two]))[0, 0] == pytest.approx(expected)


def test_no_boxes_overlap_nothing():
    assert iou(np.zeros((0, 4)), np.ones((3, 4))).shape == (0, 3)
    assert suppress(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int), 0.5).tolist() == []
    assert reading_order(np.zeros((0, 4))).tolist() == []


@given(_BOXES, _BOXES)
def test_overlap_is_symmetric_and_a_share(one, two):
    forward = iou(_xyxy(one), _xyxy(two))
    assert np.allclose(forward, iou(_xyxy(two), _xyxy(one)).T)
    assert ((forward >= 0) & (forward <= 1)).all()


@given(_BOXES)
def test_boxes_survive_every_notation(boxes):
    values = np.array(boxes, dtype=float).reshape(-1, 4)
    assert np.allclose(xyxy_to_xywh(xywh_to_xyxy(values)), values)
    centred = np.concatenate([values[:, :2] + values[:, 2:] / 2, values[:, 2:]], axis=1)
    assert np.allclose(centre_to_xyxy(centred), xywh_to_xyxy(values))
    assert np.allclose(areas(xywh_to_xyxy(values)), values[:, 2] * values[:, 3])


def _suppressed_one_by_one(boxes, scores, classes, overlap):
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        rivals = [k for k in kept if classes[k] == classes[i]]
        if all(iou(boxes[i][None], boxes[k][None])[0, 0] <= overlap for k in rivals):
            kept.append(int(i))
    return kept


@given(_BOXES, st.randoms(use_true_random=False), st.floats(0.1, 0.9))
def test_suppression_agrees_with_the_textbook_loop(boxes, random, overlap):
    values = _xyxy(boxes)
    scores = np.array([random.random() for _ in boxes])
    classes = np.array([random.randrange(2) for _ in boxes], dtype=int)
    expected = _suppressed_one_by_one(values, scores, classes, overlap)
    assert suppress(values, scores, classes, overlap).tolist() == expected


def test_suppression_spares_other_classes():
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [0, 0, 10, 9]], dtype=float)
    kept = suppress(boxes, np.array([0.9, 0.8, 0.7]), np.array([0, 1, 0]), 0.5)
    assert kept.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("boxes", "order"),
    [
        pytest.param([[0, 50, 40, 90], [0, 0, 40, 40]], [1, 0], id="top to bottom"),
        pytest.param(
            [[50, 0, 90, 40], [0, 50, 40, 90], [0, 0, 40, 40], [50, 50, 90, 90]],
            [2, 1, 0, 3],
            id="column by column",
        ),
        pytest.param(
            [[50, 30, 90, 60], [0, 0, 90, 20], [0, 30, 40, 60]], [1, 2, 0], id="a heading first"
        ),
        pytest.param([[0, 0, 40, 41], [0, 39, 40, 80]], [0, 1], id="touching boxes"),
    ],
)
def test_reading_order(boxes, order):
    assert reading_order(np.array(boxes, dtype=float)).tolist() == order


@given(_BOXES)
def test_reading_order_names_every_box_once(boxes):
    assert sorted(reading_order(_xyxy(boxes)).tolist()) == list(range(len(boxes)))


def test_matching_takes_the_best_pairs_and_each_box_once():
    one = np.array([[0, 0, 10, 10], [0, 0, 10, 8]], dtype=float)
    two = np.array([[0, 0, 10, 10]], dtype=float)
    assert match(one, two, 0.5) == [(0, 0)]
    assert match(one, two + 100, 0.5) == []
