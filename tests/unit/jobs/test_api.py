"""Every answer of the academy's API has one meaning."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from jobs.api import ApiClient, Verdict, retry_after
from jobs.contract.message import ApiResult

BODY = ApiResult(
    job_id="j-1", submission_id=7, status="done", result={"text": "가"}, error=None, generation=2
)


class AcademyApi:
    """A real HTTP server; `statuses` are answered in turn, the last for ever."""

    def __init__(self) -> None:
        self.statuses: list[int] = [200]
        self.headers: dict[str, str] = {}
        self.seen: list[dict[str, Any]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.seen.append({"path": self.path, "body": body, **dict(self.headers)})
                self.send_response(api.statuses[min(len(api.seen), len(api.statuses)) - 1])
                for name, value in api.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def client(self) -> ApiClient:
        url = f"http://127.0.0.1:{self._server.server_port}/"
        return ApiClient(url, lambda fresh: "new" if fresh else "old", "w-1", lambda: 1000.0)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def api() -> Iterator[AcademyApi]:
    running = AcademyApi()
    yield running
    running.close()


def test_a_post_carries_key_token_and_worker(api: AcademyApi) -> None:
    assert api.client().post(BODY).verdict is Verdict.SENT
    (seen,) = api.seen
    assert seen["path"] == "/api/v1/internal/ai/job/result/"
    assert seen["Idempotency-Key"] == "j-1:2"
    assert seen["X-Worker-Token"] == "old"
    assert seen["X-Worker-Id"] == "w-1"
    assert seen["body"] == json.loads(BODY.model_dump_json())


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, Verdict.SENT), (201, Verdict.SENT), (204, Verdict.SENT)]
    + [(status, Verdict.LATER) for status in (302, 408, 425, 429, 500, 502, 503)]
    + [(status, Verdict.REJECTED) for status in (400, 404, 409, 422)],
)
def test_statuses(api: AcademyApi, status: int, verdict: Verdict) -> None:
    api.statuses = [status]
    api.headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}
    assert api.client().post(BODY).verdict is verdict
    assert len(api.seen) == 1


def test_a_refused_token_is_read_anew_once(api: AcademyApi) -> None:
    api.statuses = [401, 200]
    assert api.client().post(BODY).verdict is Verdict.SENT
    assert [seen["X-Worker-Token"] for seen in api.seen] == ["old", "new"]


def test_a_wrong_token_is_not_the_jobs_fault(api: AcademyApi) -> None:
    api.statuses = [403]
    assert api.client().post(BODY).verdict is Verdict.UNAUTHORIZED
    assert len(api.seen) == 2


def test_no_answer_means_later() -> None:
    client = ApiClient("http://127.0.0.1:9", lambda fresh: "t", "w", lambda: 0.0)
    assert client.post(BODY).verdict is Verdict.LATER


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        ("-3", 0.0),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:17:40 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, 1000.0) == seconds
