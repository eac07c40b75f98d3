"""Start the API's stand-in as a process, and talk to its controls."""

import json
import os
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from academy_worker.embedded import processes
from academy_worker.embedded.engine import HOST, EngineError, free_port, log_tail
from academy_worker.embedded.project import ROOT

START_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class StandInProcess:
    """A running stand-in; whatever lies in `folder` is served under /files/."""

    port: int
    pid: int
    folder: Path

    @property
    def url(self) -> str:
        """The API's base URL."""
        return f"http://{HOST}:{self.port}"

    def file_url(self, name: str) -> str:
        """Where workers fetch a served file; `localhost` is what the template allows."""
        return f"http://localhost:{self.port}/files/{quote(name)}"

    def posts(self) -> list[dict[str, Any]]:
        """Every result received so far, as judged."""
        answer = self._call("/_control/posts")
        return list(answer["posts"])

    def out_of_order(self, status: int, count: int, retry_after: float | None = None) -> None:
        """Answer the next `count` results with `status` (0 drops the connection)."""
        self._call(
            "/_control/outage", {"status": status, "count": count, "retry_after": retry_after}
        )

    def offer(self, job: dict[str, Any]) -> None:
        """Put a job on the legacy endpoint jobs are pulled from."""
        self._call("/_control/next", job)

    def stop(self) -> None:
        """End the process."""
        processes.end_session(self.pid)

    def _call(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)


def start_stand_in(folder: Path, token: str, *, outlive: bool = False) -> StandInProcess:
    """Start a stand-in that serves `folder` and demands `token`. Raises `EngineError`."""
    port = free_port()
    log = folder.with_suffix(".log")
    env = {"WORKER_TOKEN": token, "PYTHONPATH": str(ROOT / "cli")}
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    pid = processes.start(
        [sys.executable, "-m", "academy_worker.embedded.api_stand_in", str(port), str(folder)],
        kept | env,
        log,
        outlive=outlive,
    )
    stand_in = StandInProcess(port, pid, folder)
    try:
        _await(stand_in, log)
    except BaseException:
        stand_in.stop()
        raise
    return stand_in


def _await(stand_in: StandInProcess, log: Path) -> None:
    if not processes.answers(f"{stand_in.url}/_control/health", stand_in.pid, START_TIMEOUT):
        raise EngineError(f"the stand-in of the API did not start:\n{log_tail(log)}")
