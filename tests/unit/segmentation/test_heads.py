"""Detector outputs, told apart by shape."""

import numpy as np
import pytest

from analysis.segmentation.heads import decode
from faults import Code, Permanent

_SIZE = (640, 480)
_CENTRES = np.array([[100, 100, 40, 20], [300, 200, 60, 80], [500, 400, 20, 20]], dtype=np.float32)
_XYXY = [[80, 90, 120, 110], [270, 160, 330, 240], [490, 390, 510, 410]]
_SCORES = np.array([[0.9, 0.1], [0.2, 0.7], [0.05, 0.6]], dtype=np.float32)


def _padded(rows, count=8400):
    filled = np.zeros((count, rows.shape[1]), np.float32)
    filled[: len(rows)] = rows
    return filled


def _v5():
    objectness = np.full((3, 1), 0.8, np.float32)
    return [_padded(np.hstack([_CENTRES, objectness, _SCORES]))[None]], 0.8


def _v8():
    return [_padded(np.hstack([_CENTRES, _SCORES])).T[None]], 1.0


def _v8_turned():
    return [_padded(np.hstack([_CENTRES, _SCORES]))[None]], 1.0


def _detr():
    logits = np.log(_SCORES / (1 - _SCORES))
    shares = _CENTRES / np.array([*_SIZE, *_SIZE], np.float32)
    pad = np.full((297, 2), -20, np.float32)
    boxes = np.vstack([shares, np.full((297, 4), 0.5, np.float32)])
    return [np.vstack([logits, pad])[None], boxes[None]], 1.0


def _detr_boxes_first():
    outputs, factor = _detr()
    return outputs[::-1], factor


@pytest.mark.parametrize("head", [_v5, _v8, _v8_turned, _detr, _detr_boxes_first])
def test_every_head_gives_the_same_three_objects(head):
    outputs, factor = head()
    found = decode(outputs, _SIZE, 2)
    sure = found.scores > 0.3
    assert found.boxes[sure] == pytest.approx(np.array(_XYXY), abs=0.01)
    assert found.scores[sure] == pytest.approx(np.array([0.9, 0.7, 0.6]) * factor, abs=1e-4)
    assert found.classes[sure].tolist() == [0, 1, 1]


def test_an_end_to_end_head_needs_no_suppression():
    rows = np.zeros((300, 6), np.float32)
    rows[:3] = np.hstack([np.array(_XYXY), [[0.9, 0], [0.7, 1], [0.6, 1]]])
    found = decode([rows[None]], _SIZE, 2)
    assert found.suppressed
    assert found.boxes[:3] == pytest.approx(np.array(_XYXY))
    assert found.classes[:3].tolist() == [0, 1, 1]


def test_one_class_v8_is_told_from_v5_by_its_long_side():
    rows = _padded(np.hstack([_CENTRES, _SCORES[:, :1]]))
    found = decode([rows.T[None]], _SIZE, None)
    assert found.scores[:3] == pytest.approx(_SCORES[:, 0])


@pytest.mark.parametrize(
    "outputs",
    [
        [np.zeros((1, 3), np.float32)],
        [np.zeros((1, 3, 80, 80), np.float32)],
        [np.zeros((1, 100, 2), np.float32)],
        [np.zeros((1, 10, 3), np.float32), np.zeros((1, 12, 4), np.float32)],
        [np.full((1, 84, 8400), np.nan, np.float32)],
        [np.zeros((1, 5, 9), np.float32)] * 3,
    ],
)
def test_unknown_outputs_are_refused_by_code(outputs):
    with pytest.raises(Permanent) as refused:
        decode(outputs, _SIZE, None)
    assert refused.value.code is Code.MODEL_OUTPUT_INVALID
