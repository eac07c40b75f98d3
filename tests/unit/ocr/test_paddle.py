"""The ONNX engine on models whose outputs are fixed: what is decoded, and how wrong ones fail."""

import numpy as np
import pytest

from analysis.ocr.paddle import PaddleEngine, decode
from faults import Code, Permanent
from tests.generators.detectors.constant import constant_model

KEYS = ("가", "나", "A")
PICTURE = np.full((64, 128, 3), 255, np.uint8)


def shares(indices, classes=5):
    """[1, steps, classes] that says the indices in turn."""
    output = np.full((1, len(indices), classes), 0.02, np.float32)
    output[0, np.arange(len(indices)), indices] = 0.92
    return output


def text_map():
    """Two words on one line and a long one on the next."""
    found = np.zeros((1, 1, 64, 128), np.float32)
    for x, y, width in ((70, 8, 40), (10, 8, 40), (10, 40, 100)):
        found[0, 0, y : y + 10, x : x + width] = 0.9
    return found


def folder(path, det=None, rec=None, keys="가\n나\nA\n"):
    (path / "det.onnx").write_bytes(constant_model([text_map() if det is None else det], size=None))
    (path / "rec.onnx").write_bytes(
        constant_model([shares([0, 1, 1, 0, 2, 4, 3]) if rec is None else rec], size=None)
    )
    (path / "keys.txt").write_text(keys, encoding="utf-8")
    return path


def test_lines_are_found_in_reading_order_and_decoded(tmp_path):
    reading = PaddleEngine(folder(tmp_path)).read(PICTURE)
    assert reading.text == "가나 A 가나 A\n가나 A"
    assert reading.lines[0].words[0].box[0] < reading.lines[0].words[1].box[0]
    assert reading.confidence == pytest.approx(0.92)
    assert reading.engine == "paddle"


def test_boxes_are_widened_around_the_text_and_stay_in_the_picture(tmp_path):
    for line in PaddleEngine(folder(tmp_path)).read(PICTURE).lines:
        for word in line.words:
            x, y, w, h = word.box
            assert w > 40
            assert h > 10
            assert x + w <= 128
            assert y + h <= 64


def test_repeats_need_a_blank_between():
    text, sure = decode(shares([1, 1, 0, 1]), (*KEYS, " "))
    assert text == "가가"
    assert sure == pytest.approx(0.92)


def test_an_empty_map_is_no_text(tmp_path):
    empty = np.zeros((1, 1, 64, 128), np.float32)
    assert PaddleEngine(folder(tmp_path, det=empty)).read(PICTURE).reason


@pytest.mark.parametrize("wrong", ["keys", "map", "missing"])
def test_models_that_do_not_fit_are_coded_errors(tmp_path, wrong):
    folder(tmp_path)
    if wrong == "keys":
        folder(tmp_path, keys="가\n")
    elif wrong == "map":
        folder(tmp_path, det=np.zeros((1, 2, 64, 128), np.float32))
    else:
        (tmp_path / "rec.onnx").unlink()
    with pytest.raises(Permanent) as caught:
        PaddleEngine(tmp_path).read(PICTURE)
    expected = Code.MODEL_INVALID if wrong == "missing" else Code.MODEL_OUTPUT_INVALID
    assert caught.value.code is expected
