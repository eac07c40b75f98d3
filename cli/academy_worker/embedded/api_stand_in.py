"""An HTTP service that stands in for the academy's API, and for the store its files lie in.

It verifies what it gets (`api_rules`), serves the files of one folder, the templates of answer
sheets and the legacy endpoint jobs are pulled from, and can be told to be out of order:
`POST /_control/outage {"status": 503, "count": 3, "retry_after": 1}` (status 0 drops the
connection). Loopback only. Run by `stand_in.start_stand_in` as a process of its own.
"""

import json
import mimetypes
import os
import sys
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from academy_worker.embedded.api_rules import ResultDesk, Verdict, credential_problem

RESULT_PATH = "/api/v1/internal/ai/job/result/"
NEXT_PATH = "/api/v1/internal/ai/job/next/"
META_PATH = "/api/v1/assets/omr/objective/meta/"
MAX_BODY = 20_000_000


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a result as it was judged; `at` in epoch seconds."""

    at: float
    status: int
    problems: tuple[str, ...]
    body: Any
    worker: str
    repeated: bool


@dataclass(slots=True)
class Outage:
    """`count` more posts are answered with `status`; 0 drops the connection."""

    status: int
    count: int
    retry_after: float | None = None


@dataclass
class StandIn:
    """The service's state, shared by the threads of its server."""

    desk: ResultDesk
    folder: Path
    posts: list[Post] = field(default_factory=list)
    waiting: deque[Any] = field(default_factory=deque)
    outage: Outage | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def interruption(self) -> Outage | None:
        """Use up one post of the outage, if there is one."""
        with self.lock:
            if self.outage is None or self.outage.count <= 0:
                return None
            self.outage.count -= 1
            return self.outage

    def take(self, headers: dict[str, str], raw: bytes) -> Verdict:
        """Judge and record one post."""
        with self.lock:
            verdict = self.desk.take(headers, raw)
            worker = headers.get("x-worker-id", "")
            self.posts.append(
                Post(
                    time.time(),
                    verdict.status,
                    verdict.problems,
                    verdict.body,
                    worker,
                    verdict.repeated,
                )
            )
        return verdict

    def file(self, name: str) -> Path | None:
        """Find a served file; nothing outside the folder."""
        path = (self.folder / name).resolve()
        return path if path.is_file() and path.is_relative_to(self.folder.resolve()) else None


class _Handler(BaseHTTPRequestHandler):
    """Routes; one instance per request."""

    stand_in: StandIn
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Files, templates, the next job, and what has been received."""
        url = urlsplit(self.path)
        if url.path.startswith("/files/"):
            self._file(unquote(url.path.removeprefix("/files/")))
        elif url.path == "/_control/health":
            self._json(200, {"ok": True})
        elif url.path == "/_control/posts":
            with self.stand_in.lock:
                posts = [asdict(post) for post in self.stand_in.posts]
            self._json(200, {"posts": posts})
        elif not self._authorised():
            self._json(401, {"detail": "X-Worker-Token is missing or wrong"})
        elif url.path == NEXT_PATH:
            with self.stand_in.lock:
                job = self.stand_in.waiting.popleft() if self.stand_in.waiting else None
            self._json(200, {"job": job})
        elif url.path == META_PATH:
            self._meta(parse_qs(url.query).get("question_count", [""])[0])
        else:
            self._json(404, {"detail": "no such path"})

    def do_POST(self) -> None:
        """Results, and the controls of a test."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            self._json(413, {"detail": "too large"})
            return
        raw = self.rfile.read(length)
        match urlsplit(self.path).path:
            case str(path) if path == RESULT_PATH:
                self._result(raw)
            case "/_control/outage":
                with self.stand_in.lock:
                    self.stand_in.outage = Outage(**json.loads(raw))
                self._json(200, {})
            case "/_control/next":
                with self.stand_in.lock:
                    self.stand_in.waiting.append(json.loads(raw))
                self._json(200, {})
            case _:
                self._json(404, {"detail": "no such path"})

    def _result(self, raw: bytes) -> None:
        interruption = self.stand_in.interruption()
        if interruption is None:
            verdict = self.stand_in.take(self._lower_headers(), raw)
            self._json(verdict.status, {"detail": "; ".join(verdict.problems) or "taken"})
        elif interruption.status == 0:
            self.close_connection = True
        else:
            wait = interruption.retry_after
            extra = {} if wait is None else {"Retry-After": str(wait)}
            self._json(interruption.status, {"detail": "out of order"}, extra)

    def _file(self, name: str) -> None:
        path = self.stand_in.file(name)
        if path is None:
            self._json(404, {"detail": "no such file"})
            return
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self._answer(200, kind, path.read_bytes())

    def _meta(self, count: str) -> None:
        path = self.stand_in.file(f"meta/{count}.json") if count.isdigit() else None
        if path is None:
            self._json(404, {"detail": "no template with that many questions"})
        else:
            self._answer(200, "application/json", path.read_bytes())

    def _authorised(self) -> bool:
        return credential_problem(self._lower_headers(), self.stand_in.desk.token) is None

    def _lower_headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _json(self, status: int, body: Any, extra: dict[str, str] | None = None) -> None:
        self._answer(status, "application/json", json.dumps(body).encode(), extra)

    def _answer(
        self, status: int, kind: str, data: bytes, extra: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what arrived is told by `/_control/posts`."""


def server(port: int, stand_in: StandIn) -> ThreadingHTTPServer:
    """Bind the service to a port of loopback; the caller serves."""
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    made = ThreadingHTTPServer(("127.0.0.1", port), handler)
    made.daemon_threads = True
    return made


def main() -> None:
    """Serve until told to end: PORT FOLDER, the token in WORKER_TOKEN."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    desk = ResultDesk(os.environ["WORKER_TOKEN"])
    server(port, StandIn(desk, folder)).serve_forever()


if __name__ == "__main__":
    main()
