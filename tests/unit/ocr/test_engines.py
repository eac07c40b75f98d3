"""Which engine answers, and who may send a picture abroad."""

import numpy as np
import pytest

from analysis.image import encode_jpeg
from analysis.ocr.engines import AutoEngine
from analysis.ocr.reading import NO_TEXT, Line, Reading, Word
from faults import Code, Permanent, Transient, Unavailable
from functions.ocr.app import run
from functions.ocr.engines import engine_for
from jobs.contract.message import Tier
from jobs.contract.ocr import OcrPayload

FOUND = Reading((Line((Word("가", (0, 0, 9, 9), 0.9),)),), "tesseract", ("kor",))
EMPTY = Reading((), "google", ("kor",), reason=NO_TEXT)


class Answers:
    def __init__(self, name, answer):
        self.name = name
        self.answer = answer

    def read(self, image):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def auto(**answers):
    return AutoEngine({name: lambda n=name, a=a: Answers(n, a) for name, a in answers.items()})


def test_the_first_engine_with_text_answers():
    assert auto(tesseract=FOUND, google=EMPTY).read(None) == FOUND


@pytest.mark.parametrize(
    ("first", "note"),
    [
        (Unavailable("google_vision", "down"), "google did not answer: dependency_unavailable"),
        (Permanent(Code.NOT_CONFIGURED, "no key"), "google did not answer: not_configured"),
        (EMPTY, "google found no text"),
    ],
)
def test_the_next_engine_answers_and_says_why(first, note):
    reading = auto(google=first, tesseract=FOUND).read(None)
    assert (reading.engine, reading.text, reading.notes) == ("tesseract", "가", (note,))


def test_an_engine_that_cannot_be_built_is_passed_over():
    def broken():
        raise Permanent(Code.MODEL_INVALID, "no model")

    engines = {"paddle": broken, "tesseract": lambda: Answers("tesseract", FOUND)}
    assert AutoEngine(engines).read(None).notes == ("paddle did not answer: model_invalid",)


def test_no_text_anywhere_is_empty_with_the_reason():
    reading = auto(google=EMPTY, tesseract=Transient(Code.OCR_FAILED, "broke")).read(None)
    assert reading.lines == ()
    assert reading.reason == NO_TEXT
    assert len(reading.notes) == 2


def test_no_answer_at_all_is_the_last_error():
    with pytest.raises(Transient):
        auto(
            google=Unavailable("google_vision", "down"), tesseract=Transient(Code.OCR_FAILED, "x")
        ).read(None)


def payload(**fields):
    return OcrPayload.model_validate({"download_url": "https://x.test/a.jpg"} | fields)


def chosen(tier=Tier.BASIC, **fields):
    return engine_for(payload(**fields), tier, 50)


def test_tesseract_is_the_default():
    assert chosen().name == "tesseract"


def test_google_is_refused_without_consent_even_if_set_up(monkeypatch):
    monkeypatch.setenv("GOOGLE_VISION_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Permanent) as caught:
        chosen(engine="google")
    assert caught.value.code is Code.PAYLOAD_INVALID


@pytest.mark.parametrize("tier", Tier)
def test_google_reads_with_the_students_consent_in_every_tier(monkeypatch, tier):
    monkeypatch.setenv("GOOGLE_VISION_ENDPOINT", "http://127.0.0.1:9")
    assert chosen(tier, engine="google", consent=True).name == "google"


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("consenting", ["premium", " basic, premium ", "lite,basic,premium"])
def test_google_reads_for_the_tiers_that_consent_and_for_no_other(monkeypatch, tier, consenting):
    monkeypatch.setenv("GOOGLE_VISION_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OCR_GOOGLE_CONSENT", consenting)
    if tier.value in consenting:
        assert chosen(tier, engine="google").name == "google"
    else:
        with pytest.raises(Permanent) as caught:
            chosen(tier, engine="google")
        assert caught.value.code is Code.PAYLOAD_INVALID


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("wrong", ["true", "premum", "premium;basic"])
def test_a_consent_that_names_no_tier_is_refused(monkeypatch, tier, wrong):
    monkeypatch.setenv("GOOGLE_VISION_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OCR_GOOGLE_CONSENT", wrong)
    with pytest.raises(Permanent, match="OCR_GOOGLE_CONSENT") as caught:
        chosen(tier, engine="google")
    assert caught.value.code is Code.NOT_CONFIGURED


def test_the_queue_a_job_came_by_decides_its_tiers_consent(monkeypatch, tmp_path, workspace):
    path = tmp_path / "page.jpg"
    path.write_bytes(encode_jpeg(np.full((60, 200, 3), 255, np.uint8), 90))
    monkeypatch.setenv("GOOGLE_VISION_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OCR_GOOGLE_CONSENT", "premium")
    monkeypatch.setenv("OCR_AUTO_ORDER", "google")
    given = payload(download_url=str(path), engine="auto")
    workspace.tier = Tier.BASIC
    with pytest.raises(Permanent) as caught:
        run(given, workspace)
    assert caught.value.code is Code.NOT_CONFIGURED
    workspace.tier = Tier.PREMIUM
    with pytest.raises((Unavailable, Transient)):  # nothing listens there, but it was asked
        run(given, workspace)


def test_auto_leaves_google_out_without_consent(monkeypatch, tesseract):
    monkeypatch.setenv("GOOGLE_VISION_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OCR_AUTO_ORDER", "google")
    with pytest.raises(Permanent) as caught:
        chosen(engine="auto")
    assert caught.value.code is Code.NOT_CONFIGURED


def test_engines_that_are_not_set_up_say_what_is_missing():
    for fields, variable in (
        ({"engine": "google", "consent": True}, "GOOGLE_SECRET_ARN"),
        ({"engine": "paddle"}, "OCR_PADDLE_MODELS"),
    ):
        with pytest.raises(Permanent, match=variable):
            chosen(**fields)


def test_an_unknown_engine_in_the_order_is_named(monkeypatch):
    monkeypatch.setenv("OCR_AUTO_ORDER", "tesseract,magic")
    with pytest.raises(Permanent, match="magic"):
        chosen(engine="auto")
