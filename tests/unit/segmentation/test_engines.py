"""Detectors, templates, and what `auto` does with them."""

import os

import cv2
import numpy as np
import pytest

from analysis.onnx import open_model
from analysis.segmentation.detector import detect, letterbox
from analysis.segmentation.engines import Detector, Options, Template, segment_page
from analysis.segmentation.types import ItemKind
from faults import Code, Permanent
from tests.generators.detectors.constant import constant_model
from tests.generators.exam_pages import degrade

_NAMES = {"names": "{0: 'question', 1: 'passage'}"}


def _v8(*rows):
    """A v8 output with rows (cx, cy, w, h, question score, passage score)."""
    filled = np.zeros((8400, 6), np.float32)
    filled[: len(rows)] = np.array(rows, dtype=np.float32).reshape(-1, 6)
    return filled.T[None].copy()


@pytest.fixture
def model(tmp_path):
    def write(outputs, **options):
        path = tmp_path / "detector.onnx"
        path.write_bytes(constant_model(outputs, **options))
        return path

    return write


def test_boxes_come_back_in_the_pictures_pixels(model):
    # 1000 x 500 into 640 x 640: scale 0.64, 160 px of padding above.
    path = model([_v8((320, 320, 64, 32, 0.9, 0))], metadata=_NAMES)
    found = detect(np.full((500, 1000, 3), 255, np.uint8), path)
    assert [item.box for item in found.items] == [(450, 225, 100, 50)]
    assert found.provider == "CPUExecutionProvider"


def test_doubles_go_within_a_class_only(model):
    rows = [
        (320, 320, 100, 60, 0.9, 0),
        (322, 320, 100, 60, 0.8, 0),
        (320, 320, 100, 60, 0, 0.7),
    ]
    found = detect(np.zeros((640, 640, 3), np.uint8), model([_v8(*rows)], metadata=_NAMES))
    kinds = sorted(item.kind.value for item in found.items)
    assert kinds == ["passage", "question"]


def test_detections_are_put_in_reading_order(model):
    rows = [(480, 100, 200, 80, 0.9, 0), (150, 400, 200, 80, 0.9, 0), (150, 100, 200, 80, 0.6, 0)]
    found = detect(np.zeros((640, 640, 3), np.uint8), model([_v8(*rows)], metadata=_NAMES))
    assert [item.box[:2] for item in found.items] == [(50, 60), (50, 360), (380, 60)]


def test_weak_detections_are_dropped_and_nothing_left_has_a_reason(model):
    found = detect(np.zeros((640, 640, 3), np.uint8), model([_v8((320, 320, 90, 60, 0.2, 0))]))
    assert found.items == ()
    assert found.reason


def test_the_size_is_read_from_the_metadata_of_an_open_model(model):
    path = model([_v8()], size=None, metadata={"imgsz": "[320, 256]"})
    assert open_model(path).size == (256, 320)


def test_a_model_is_opened_once_until_its_file_changes(model):
    path = model([_v8((320, 320, 64, 64, 0.9, 0))])
    first = open_model(path)
    assert open_model(path) is first
    path.write_bytes(constant_model([_v8()], metadata=_NAMES))
    os.utime(path, ns=(1, 1))
    assert open_model(path).names == {0: "question", 1: "passage"}


def test_letterbox_keeps_the_shape_and_pads_with_grey():
    tensor, scale, shift = letterbox(np.full((200, 400, 3), 255, np.uint8), (640, 640))
    assert tensor.shape == (1, 3, 640, 640)
    assert scale == pytest.approx(1.6)
    assert shift.tolist() == [0, 160]
    assert tensor[0, :, 0, 0] == pytest.approx(114 / 255)
    assert tensor[0, :, 320, 320] == pytest.approx(1.0)


@pytest.mark.parametrize("content", [None, b"", b"no model at all"])
def test_a_missing_or_broken_model_has_its_code(tmp_path, content):
    path = tmp_path / "m.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Permanent) as refused:
        detect(np.zeros((64, 64, 3), np.uint8), path)
    assert refused.value.code is Code.MODEL_INVALID


def test_auto_keeps_a_sure_detector(picture, model):
    path = model([_v8((320, 320, 300, 100, 0.95, 0))])
    found = segment_page(picture, Options("auto", Detector(path)))
    assert (found.engine, len(found.items)) == ("yolo", 1)


@pytest.mark.parametrize(
    ("rows", "word"), [([], "no question"), ([(320, 320, 300, 100, 0.45, 0)], "confidence")]
)
def test_auto_falls_back_and_says_why(picture, model, rows, word):
    found = segment_page(picture, Options("auto", Detector(model([_v8(*rows)]))))
    assert found.engine == "opencv"
    assert found.items
    assert word in (found.note or "")


def test_auto_tells_of_a_broken_model(picture, tmp_path):
    found = segment_page(picture, Options("auto", Detector(tmp_path / "absent.onnx")))
    assert found.engine == "opencv"
    assert "no model file absent.onnx" in (found.note or "")


def test_an_engine_asked_for_by_name_never_falls_back(picture, tmp_path):
    with pytest.raises(Permanent) as missing:
        segment_page(picture, Options("yolo"))
    assert missing.value.code is Code.NOT_CONFIGURED
    with pytest.raises(Permanent) as broken:
        segment_page(picture, Options("yolo", Detector(tmp_path / "absent.onnx")))
    assert broken.value.code is Code.MODEL_INVALID


def _template(page, blank):
    width, height = 210.0, 297.0
    scale = np.array([width / page.image.shape[1], height / page.image.shape[0]] * 2)
    boxes = tuple((item.number, tuple(np.array(item.box) * scale)) for item in page.items)
    return Template((width, height), boxes, blank)


@pytest.mark.parametrize("kind", ["scan", "photo"])
def test_template_boxes_follow_the_page(page, picture, kind):
    shot = getattr(degrade, kind)(page.image, np.random.default_rng(2))
    image = cv2.cvtColor(shot.image, cv2.COLOR_GRAY2BGR)
    found = segment_page(image, Options("template", template=_template(page, picture)))
    truth = degrade.move_boxes(np.array([item.box for item in page.items]), shot.matrix)
    assert [item.number for item in found.items] == [item.number for item in page.items]
    assert np.abs(np.array([item.box for item in found.items]) - truth).max() < 6
    assert all(item.kind is ItemKind.QUESTION for item in found.items)


def test_a_template_follows_a_page_held_upside_down(page, picture):
    turned = cv2.rotate(picture, cv2.ROTATE_180)
    found = segment_page(turned, Options("template", template=_template(page, picture)))
    x, y, w, h = page.items[0].box
    expected = (picture.shape[1] - x - w, picture.shape[0] - y - h, w, h)
    box = next(item.box for item in found.items if item.number == page.items[0].number)
    assert np.abs(np.array(box) - expected).max() < 6


def test_another_page_is_refused_by_the_template(page, picture):
    other = np.full_like(picture, 255)
    cv2.putText(other, "nothing alike", (200, 900), cv2.FONT_HERSHEY_SIMPLEX, 4, (0, 0, 0), 8)
    with pytest.raises(Permanent) as refused:
        segment_page(other, Options("template", template=_template(page, picture)))
    assert refused.value.code is Code.TEMPLATE_INVALID
    auto = segment_page(picture, Options("auto", template=_template(page, other)))
    assert auto.engine == "opencv"
    assert "template" in (auto.note or "")
