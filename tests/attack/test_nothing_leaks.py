"""Jobs full of secrets go through every stage and every failure; nothing of it is written down.

Looked at: standard output and error (logs and metrics go there), Python's log records, every
attribute of the table's rows but the payload and the result themselves, the queues' messages,
the names of stored files, and what the API is told but the result.
"""

import http.client
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from moto import mock_aws

from faults import Code, Permanent, Transient, Unavailable
from jobs import limits
from jobs.contract.ocr import OcrResult
from jobs.outbox import forward_ended
from jobs.workspace import FileKind
from tests.attack.secret_scan import MARKER, STUDENT, leaks
from tests.attack.spine import ANSWER, KEY, REGION, SIGNATURE, TOKEN, Files, World


@pytest.fixture
def files() -> Iterator[str]:
    Files.posts, Files.verdicts = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def world(
    files: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield World(files)


@pytest.fixture
def watched(
    world: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[World]:
    """A world that is searched when the test has ended."""
    caplog.set_level(logging.INFO)
    for noisy in ("PIL", "urllib3", "http", "jobs", "analysis"):
        caplog.set_level(logging.DEBUG, noisy)
    yield world
    out, err = capfd.readouterr()
    places = {"stdout": out, "stderr": err, "log": caplog.text} | world.written()
    assert '"CloudWatchMetrics"' in out, "no metric was written: nothing to look at"
    assert leaks(places) == []


class ProviderError(Exception):
    """What a provider's library raises: the key and the prompt in its text."""


def _nested() -> None:
    try:
        raise ProviderError(f"401 for {KEY}: {ANSWER}")
    except ProviderError as error:
        raise RuntimeError(f"GET https://bucket/k?{SIGNATURE} failed") from error


def _crash(payload: Any, workspace: Any) -> None:
    _nested()


def _breaks_contract(payload: Any, workspace: Any) -> OcrResult:
    return OcrResult.model_validate({"text": ANSWER, "confidence": ANSWER, "engine": KEY})


def _wrong_object(payload: Any, workspace: Any) -> dict[str, str]:
    return {"text": ANSWER, "url": payload.download_url}


def _fetch(payload: Any, workspace: Any) -> Path:
    return Path(workspace.fetch(payload.download_url, FileKind.IMAGE))


def _unavailable(payload: Any, workspace: Any) -> None:
    try:
        _nested()
    except RuntimeError:
        raise Unavailable("openai", "is down", retry_after=30) from None


def _reads(payload: Any, workspace: Any) -> OcrResult:
    return OcrResult(text=ANSWER, confidence=0.9, engine="tesseract")


@pytest.mark.parametrize(
    ("run", "code"),
    [
        (_crash, Code.RETRIES_EXHAUSTED),
        (_breaks_contract, Code.RESULT_INVALID),
        (_wrong_object, Code.RESULT_INVALID),
    ],
)
def test_a_job_that_breaks_tells_no_secret(
    watched: World, run: Callable[..., Any], code: Code
) -> None:
    watched.run = run
    watched.submit()
    watched.work(receives=limits.WORK_MAX_RECEIVE)
    watched.tell()

    assert watched.row()["error_code"] == code
    assert Files.posts[0][1]["error_code"] == code


def test_a_crash_that_is_tried_again_tells_no_secret(watched: World) -> None:
    watched.run = _crash
    watched.submit()

    assert watched.work() == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("{base}/403/scan.jpg?{signature}", Code.DOWNLOAD_EXPIRED),
        ("{base}/404/{answer}.jpg?{signature}", Code.DOWNLOAD_MISSING),
        ("{base}/302/scan.jpg?{signature}", Code.DOWNLOAD_FORBIDDEN),
        ("{base}/200/scan.jpg?{signature}", Code.DOWNLOAD_WRONG_TYPE),
        ("{base}/503/scan.jpg?{signature}", Code.RETRIES_EXHAUSTED),
        ("https://{key}:x@allowed.example/?{signature}", Code.DOWNLOAD_FORBIDDEN),
        ("https://not-allowed.example/?{signature}", Code.DOWNLOAD_FORBIDDEN),
        ("https://[{key}]/?{signature}", Code.DOWNLOAD_FORBIDDEN),
        ("http://localhost:1/{answer}?{signature}", Code.RETRIES_EXHAUSTED),
    ],
)
def test_a_download_that_fails_tells_no_secret(watched: World, url: str, code: Code) -> None:
    watched.run = _fetch
    link = url.format(base=watched.base, signature=SIGNATURE, key=KEY, answer=ANSWER)
    watched.submit(download_url=link.replace(" ", "%20"))
    watched.work(receives=limits.WORK_MAX_RECEIVE)
    watched.tell()

    assert watched.row()["error_code"] == code


def test_a_provider_that_is_down_tells_no_secret(watched: World) -> None:
    watched.run = _unavailable
    watched.submit()
    watched.work()

    assert watched.row()["status"] == "queued"


def test_a_result_is_told_to_the_api_alone(watched: World) -> None:
    watched.run = _reads
    Files.verdicts = [500, 401, 401, 429, 400]
    watched.submit()
    watched.work()
    for _ in range(4):
        watched.tell()

    headers, body = Files.posts[0]
    assert headers["X-Worker-Token"] == TOKEN
    assert STUDENT in body["result"]["text"]
    assert watched.row()["notify"] == "rejected"


@pytest.mark.parametrize(
    "payload",
    [
        {"engine": KEY},
        {"download_url": [SIGNATURE]},
        {"download_url": ""},
        {"engine": {"name": ANSWER}},
    ],
)
def test_a_wrong_payload_is_named_by_its_field_alone(
    watched: World, payload: dict[str, Any]
) -> None:
    watched.submit(**payload)
    watched.tell()

    assert watched.row()["error_code"] == Code.PAYLOAD_INVALID
    assert next(iter(payload)) in Files.posts[0][1]["error"]


@pytest.mark.parametrize(
    "body",
    [
        f"{KEY} {ANSWER} is not JSON",
        json.dumps({"url": f"https://a/?{SIGNATURE}", "text": ANSWER}),
        json.dumps({"job_id": f"{KEY} {ANSWER}", "payload": {}}),
        json.dumps({"job_id": ["x", KEY]}),
        json.dumps({"job_id": "a", "payload": KEY}),
        json.dumps({"job_id": "a", "job_type": [ANSWER]}),
        json.dumps({"job_id": "a", "tier": KEY, "job_type": "ocr"}),
        json.dumps([KEY]),
    ],
)
def test_a_message_nobody_can_read_is_kept_and_not_repeated(watched: World, body: str) -> None:
    watched.deliver("ingress", watched.admission().handle, body)
    watched.deliver("ingress", watched.finalizer().handle, body, receives=10)


def test_an_ended_row_in_the_stream_tells_no_secret(watched: World) -> None:
    watched.run = _reads
    watched.submit()
    watched.work()
    image = {"job_id": {"S": "job"}, "notify": {"S": "pending"}, "result": {"S": ANSWER}}
    event = {"Records": [{"dynamodb": {"NewImage": image, "SequenceNumber": "1"}}]}

    assert forward_ended(event, watched.queues) == {"batchItemFailures": []}
    got = watched.sqs.receive_message(QueueUrl=watched.urls["notify"])
    watched.messages += [message["Body"] for message in got["Messages"]]


def test_an_error_of_our_own_is_safe_even_with_its_trace() -> None:
    out = io.StringIO()
    logger = Logger(service="x", stream=out)
    for error in (
        Permanent(Code.DOWNLOAD_EXPIRED, "the link has expired"),
        Transient(Code.DOWNLOAD_FAILED, "not now"),
    ):
        try:
            try:
                raise http.client.InvalidURL(f"https://a/?{SIGNATURE}")
            except http.client.HTTPException:
                raise error from None
        except (Permanent, Transient):
            logger.exception("failed")

    assert "failed" in out.getvalue()
    assert leaks({"trace": out.getvalue()}) == []


def test_the_scan_would_see_a_leak(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    world.telemetry.line("planted", url=f"https://a/?{SIGNATURE}", text=ANSWER)
    out = capfd.readouterr().out

    found = {leak.what for leak in leaks({"stdout": out})}
    assert any(MARKER in what for what in found)
    assert any(STUDENT in what for what in found)
