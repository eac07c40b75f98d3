"""A real HTTP server that speaks responses, chat completions and embeddings, on script.

A script of completions is answered to the Responses API in its own words, unless `old` is set.
"""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from openai import OpenAI

from analysis.problem.dialects import forget

Reply = tuple[int, dict[str, str], Any]
"""Status, headers, body: a dict as JSON, a text as it is."""


class Provider:
    """`script` is answered in turn, its last entry for ever; `requests` holds what was asked."""

    def __init__(self) -> None:
        self.script: list[Reply | Callable[[dict[str, Any]], Reply]] = []
        self.requests: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.old = False
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if provider.old and self.path.endswith("/responses"):
                    self._answer(404, {}, {"error": {"message": "no such path"}})
                    return
                provider.paths.append(self.path)
                provider.requests.append(body)
                entry = provider.script[min(len(provider.requests), len(provider.script)) - 1]
                status, headers, answer = entry(body) if callable(entry) else entry
                if self.path.endswith("/responses") and status == 200:
                    answer = as_response(answer)
                self._answer(status, headers, answer)

            def _answer(self, status: int, headers: dict[str, str], answer: Any) -> None:
                data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
                self.send_response_only(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def client(self, seconds: float = 5.0) -> OpenAI:
        return OpenAI(api_key="test", base_url=self.url, timeout=seconds, max_retries=0)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(autouse=True)
def _servers_are_strangers() -> None:
    forget()


@pytest.fixture
def provider() -> Iterator[Provider]:
    running = Provider()
    yield running
    running.close()


def as_response(answer: Any) -> Any:
    """A chat completion in the words of the Responses API."""
    if not isinstance(answer, dict) or "choices" not in answer:
        return answer
    (choice,) = answer["choices"]
    cut = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(
        choice["finish_reason"]
    )
    refusal = choice["message"].get("refusal")
    part = (
        {"type": "refusal", "refusal": refusal}
        if refusal
        else {"type": "output_text", "text": choice["message"]["content"], "annotations": []}
    )
    return {
        "id": "r1",
        "object": "response",
        "created_at": 0,
        "model": answer["model"],
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": cut} if cut else None,
        "error": None,
        "parallel_tool_calls": False,
        "tool_choice": "none",
        "tools": [],
        "output": [
            {
                "id": "m1",
                "type": "message",
                "role": "assistant",
                "status": "incomplete" if cut else "completed",
                "content": [part],
            }
        ],
        "usage": {
            "input_tokens": 11,
            "output_tokens": 7,
            "total_tokens": 18,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }


def chat(content: str, finish: str = "stop", refusal: str | None = None) -> Reply:
    return (
        200,
        {},
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 0,
            "model": "scripted",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": finish,
                    "message": {"role": "assistant", "content": content, "refusal": refusal},
                }
            ],
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        },
    )
