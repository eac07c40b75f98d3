"""Servers of the tools environment, as processes of their own."""

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openai import OpenAI

TOOLS = Path(__file__).parents[3] / ".venv-tools" / "bin"
_PATIENCE = 60.0


@contextmanager
def serving(name: str, *options: str) -> Iterator[str]:
    """Run a server on a free port; yields its root address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [TOOLS / name, *options, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not open its port")


class LanguageModel:
    """llmock at an address; what it answers next is scripted over its own admin API."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.url = f"{root}/v1"

    def client(self, seconds: float = 5.0) -> OpenAI:
        return OpenAI(api_key="test", base_url=self.url, timeout=seconds, max_retries=0)

    def next(self, kind: str, **told: Any) -> None:
        """Queue a behaviour: `fail`, `delay` or `reply`."""
        self._admin("scenario", {"behaviors": [{"type": kind, **told}]})

    def reset(self) -> None:
        self._admin("reset", {})

    def asked(self) -> list[str]:
        """Paths asked since the last reset."""
        with urllib.request.urlopen(f"{self._root}/_llmock/requests", timeout=10) as answer:
            return [request["path"] for request in json.load(answer)["requests"]]

    def _admin(self, name: str, body: dict[str, Any]) -> None:
        request = urllib.request.Request(
            f"{self._root}/_llmock/{name}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=10):
            return
