"""The Google engine against a process that speaks the service's REST protocol."""

import base64
import json
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import cv2
import numpy as np
import pytest

from analysis.ocr.google import GoogleEngine
from faults import Code, Permanent, Unavailable
from tests.generators.vision import server as stand_in

PICTURE = np.full((500, 400, 3), 255, np.uint8)


@contextmanager
def service(mode):
    with subprocess.Popen(
        [sys.executable, stand_in.__file__, mode], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def read(mode, seconds=5.0, picture=PICTURE):
    with service(mode) as url:
        return GoogleEngine(None, seconds=seconds, endpoint=url).read(picture)


def test_words_become_lines_with_boxes_and_confidence():
    reading = read("text")
    assert reading.text == "문제를 풀다\nRead this"
    assert reading.lines[0].box == (0, 0, 180, 30)
    assert reading.confidence == pytest.approx(0.9)
    assert reading.rotation == 0


def test_turned_text_tells_its_rotation():
    assert read("turned").rotation == 90


def test_an_empty_answer_is_an_empty_reading_with_a_reason():
    reading = read("blank")
    assert reading.lines == ()
    assert reading.reason


def test_dense_text_is_asked_for_with_hints_and_a_picture_that_fits():
    noisy = np.random.default_rng(1).integers(0, 255, (3000, 3000, 3), np.uint8)
    with service("text") as url:
        reading = GoogleEngine(None, endpoint=url).read(noisy)
        seen = json.load(urllib.request.urlopen(f"{url}/seen"))
    (request,) = seen["requests"]
    assert seen["path"].startswith("/v1/images:annotate")
    assert [feature["type"] for feature in request["features"]] in (
        ["DOCUMENT_TEXT_DETECTION"],
        [11],
    )
    assert request["imageContext"]["languageHints"] == ["ko", "en"]
    sent = cv2.imdecode(
        np.frombuffer(base64.b64decode(request["image"]["content"]), np.uint8), cv2.IMREAD_COLOR
    )
    assert len(base64.b64decode(request["image"]["content"])) <= 7_000_000
    assert sent.shape[1] < noisy.shape[1]
    # the stand-in's first line is 180 px wide on the picture it was sent
    assert reading.lines[0].box[2] == pytest.approx(180 * noisy.shape[1] / sent.shape[1], abs=2)


def test_a_short_hiccup_is_tried_again():
    assert read("once").lines


@pytest.mark.parametrize("mode", ["busy", "quota", "drop", "throttled"])
def test_a_service_that_is_down_or_over_quota_is_unavailable(mode):
    with pytest.raises(Unavailable) as caught:
        read(mode, seconds=2.0)
    assert caught.value.code is Code.DEPENDENCY_UNAVAILABLE
    assert caught.value.retry_after == (17.0 if mode == "throttled" else None)


def test_a_slow_service_is_given_up_in_time():
    with pytest.raises(Unavailable):
        read("slow", seconds=1.0)


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("forbidden", Code.NOT_CONFIGURED),
        ("denied", Code.NOT_CONFIGURED),
        ("bad_image", Code.IMAGE_UNREADABLE),
        ("refused", Code.OCR_FAILED),
    ],
)
def test_refusals_are_permanent_and_coded_never_empty_text(mode, code):
    with pytest.raises(Permanent) as caught:
        read(mode)
    assert caught.value.code is code


def test_an_answer_that_is_no_json_is_a_coded_error():
    with pytest.raises((Unavailable, Permanent)):
        read("html")


def test_a_secret_that_is_no_service_account_is_told():
    with pytest.raises(Permanent) as caught:
        GoogleEngine({"type": "nonsense"})
    assert caught.value.code is Code.NOT_CONFIGURED
