"""Which engine answers, and who may send a picture abroad."""

import pytest

from analysis.ocr.engines import AutoEngine
from analysis.ocr.reading import NO_TEXT, Line, Reading, Word
from faults import Code, Permanent, Transient, Unavailable
from functions.ocr.engines import engine_for
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


def test_tesseract_is_the_default():
    assert engine_for(payload(), 50).name == "tesseract"


def test_google_is_refused_without_consent_even_if_set_up(monkeypatch):
    monkeypatch.setenv("GOOGLE_VISION_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Permanent) as caught:
        engine_for(payload(engine="google"), 50)
    assert caught.value.code is Code.PAYLOAD_INVALID


@pytest.mark.parametrize("way", ["payload", "deployment"])
def test_google_reads_with_the_students_or_the_deployments_consent(monkeypatch, way):
    monkeypatch.setenv("GOOGLE_VISION_ENDPOINT", "http://127.0.0.1:9")
    if way == "deployment":
        monkeypatch.setenv("OCR_GOOGLE_CONSENT", "true")
    assert engine_for(payload(engine="google", consent=way == "payload"), 50).name == "google"


def test_auto_leaves_google_out_without_consent(monkeypatch, tesseract):
    monkeypatch.setenv("GOOGLE_VISION_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OCR_AUTO_ORDER", "google")
    with pytest.raises(Permanent) as caught:
        engine_for(payload(engine="auto"), 50)
    assert caught.value.code is Code.NOT_CONFIGURED


def test_engines_that_are_not_set_up_say_what_is_missing():
    for fields, variable in (
        ({"engine": "google", "consent": True}, "GOOGLE_SECRET_ARN"),
        ({"engine": "paddle"}, "OCR_PADDLE_MODELS"),
    ):
        with pytest.raises(Permanent, match=variable):
            engine_for(payload(**fields), 50)


def test_an_unknown_engine_in_the_order_is_named(monkeypatch):
    monkeypatch.setenv("OCR_AUTO_ORDER", "tesseract,magic")
    with pytest.raises(Permanent, match="magic"):
        engine_for(payload(engine="auto"), 50)
