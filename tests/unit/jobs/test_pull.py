"""Fetching jobs: what is queued where, and that a job is never lost between list and queue."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from faults import Code, Permanent, Transient, Unavailable, WorkerError
from jobs import limits
from jobs.contract.message import JobMessage, Tier
from jobs.pull import Puller, message
from jobs.pull_api import NEXT_PATH, JobList
from tests.protocol.harness.world import CountingTelemetry

JOB = {"id": 7, "type": "ocr", "payload": {"download_url": "x"}, "source_id": 4711}


@dataclass
class World:
    """An API's list and three queues; `told` is the order in which they were asked."""

    jobs: list[dict[str, Any]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    queued: list[tuple[Tier, str]] = field(default_factory=list)
    aside: list[tuple[str, str]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    refuse: int = 0
    gone: bool = False
    seconds: float = 55.0

    def next(self) -> Mapping[str, Any] | None:
        self.told.append("next")
        return self.jobs.pop(0) if self.jobs else None

    def check(self) -> None:
        self.told.append("check")
        if self.gone:
            raise ConnectionError

    def put(self, tier: Tier, body: str) -> None:
        self.told.append("put")
        if self.refuse > 0:
            self.refuse -= 1
            raise ConnectionError
        self.queued.append((tier, body))

    def set_aside(self, body: str, reason: str) -> str:
        self.aside.append((body, reason))
        return "s3://b/k"

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds -= seconds

    def pull(self) -> int:
        puller = Puller(self, self, self.set_aside, Tier.PREMIUM, CountingTelemetry(), self.sleep)
        return puller.pull(lambda: self.seconds)


def test_each_job_is_queued_before_the_next_is_fetched() -> None:
    world = World([dict(JOB), dict(JOB, id=8)])

    assert world.pull() == 2
    assert world.told == ["check", "next", "put", "next", "put", "next"]


def test_nothing_is_fetched_where_a_queue_is_missing() -> None:
    world = World([dict(JOB)], gone=True)

    with pytest.raises(ConnectionError):
        world.pull()
    assert world.told == ["check"]


def test_a_queue_that_fails_twice_gets_the_job_at_the_third_try() -> None:
    world = World([dict(JOB)], refuse=2)

    assert world.pull() == 1
    assert len(world.queued) == 1
    assert world.slept == [limits.PULL_PAUSE, 2 * limits.PULL_PAUSE]


def test_a_job_that_no_queue_takes_is_set_aside_and_fetching_ends() -> None:
    world = World([dict(JOB), dict(JOB, id=8)], refuse=10**6)

    with pytest.raises(Transient):
        world.pull()
    assert [(json.loads(body)["job_id"], why) for body, why in world.aside] == [(7, "not_queued")]
    assert len(world.jobs) == 1
    assert world.seconds > 0


def test_fetching_ends_before_the_function_s_time_does() -> None:
    assert World([dict(JOB)], seconds=limits.PULL_MARGIN).pull() == 0


def test_a_job_of_the_list_is_what_the_api_would_have_sent() -> None:
    tier, body = message(JOB, Tier.BASIC)
    sent = JobMessage.model_validate_json(body)

    assert tier is Tier.BASIC
    assert (sent.job_id, sent.job_type, sent.source_id) == ("7", "ocr", "4711")
    assert sent.payload == {"download_url": "x"}
    assert sent.tier is None


def test_names_of_the_queues_messages_are_kept() -> None:
    _, body = message({"job_id": "a", "job_type": "ocr", "payload": {"text": "가"}}, Tier.BASIC)
    assert json.loads(body) == {"job_id": "a", "job_type": "ocr", "payload": {"text": "가"}}


@pytest.mark.parametrize(
    ("named", "tier"),
    [("lite", Tier.LITE), ("gold", Tier.PREMIUM), (None, Tier.PREMIUM), ([], Tier.PREMIUM)],
)
def test_a_job_goes_to_its_tier_s_queue_or_the_default_s(named: Any, tier: Tier) -> None:
    chosen, body = message(dict(JOB, tier=named), Tier.PREMIUM)

    assert chosen is tier
    assert json.loads(body)["tier"] == named


class Api:
    """A real HTTP server with a list of answers: (status, body), the last for ever."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[dict[str, str]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                api.asked.append({"path": self.path, **dict(self.headers)})
                status, body = api.answers[min(len(api.asked), len(api.answers)) - 1]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def api() -> Iterator[Api]:
    running = Api()
    yield running
    running.close()


def token(fresh: bool) -> str:
    return "new" if fresh else "old"


def ask(api: Api, *answers: tuple[int, bytes]) -> Mapping[str, Any] | None:
    api.answers = list(answers)
    return JobList(api.url, token, "w-1").next()


def test_the_list_is_asked_with_token_and_worker(api: Api) -> None:
    assert ask(api, (200, json.dumps({"job": JOB}).encode())) == JOB
    assert api.asked[0]["path"] == NEXT_PATH
    assert api.asked[0]["X-Worker-Token"] == "old"
    assert api.asked[0]["X-Worker-Id"] == "w-1"


@pytest.mark.parametrize("answer", [(200, b'{"job": null}'), (200, b"{}"), (204, b"")])
def test_an_empty_list_is_no_job(api: Api, answer: tuple[int, bytes]) -> None:
    assert ask(api, answer) is None


def test_a_refused_token_is_tried_once_more_afresh(api: Api) -> None:
    assert ask(api, (401, b""), (200, json.dumps({"job": JOB}).encode())) == JOB
    assert [item["X-Worker-Token"] for item in api.asked] == ["old", "new"]


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ((500, b""), Unavailable, Code.DEPENDENCY_UNAVAILABLE),
        ((429, b""), Unavailable, Code.DEPENDENCY_UNAVAILABLE),
        ((302, b""), Unavailable, Code.DEPENDENCY_UNAVAILABLE),
        ((403, b""), Unavailable, Code.DEPENDENCY_UNAVAILABLE),
        ((404, b""), Permanent, Code.NOT_CONFIGURED),
        ((200, b"<html>"), Transient, Code.MESSAGE_INVALID),
        ((200, b'{"job": "text"}'), Transient, Code.MESSAGE_INVALID),
        ((200, b" " * (limits.PULL_BYTES + 1)), Transient, Code.MESSAGE_INVALID),
    ],
)
def test_every_other_answer_ends_the_run_with_its_reason(
    api: Api, answer: tuple[int, bytes], kind: type[WorkerError], code: Code
) -> None:
    with pytest.raises(kind) as caught:
        ask(api, answer)
    assert caught.value.code is code
    assert "127.0.0.1" not in caught.value.message


def test_no_answer_is_told_without_the_address() -> None:
    with pytest.raises(Unavailable) as caught:
        JobList("http://127.0.0.1:1", token, "w").next()
    assert "127.0.0.1" not in caught.value.message
