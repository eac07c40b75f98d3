"""Golden events: an event per function, and the jobs they speak of, as the API sends them.

`events/NAME.json` is the event. Where it points at a job `golden-X`, `events/jobs/X.json` is that
job as the API sends it; a `samples/…` path in it is a file of the project.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from academy_worker.embedded.project import ROOT
from academy_worker.embedded.system import System
from academy_worker.embedded.watch import read_row

JOBS = ROOT / "events" / "jobs"
PREFIX = "golden-"
TIMEOUT = 30.0


class NotAdmitted(RuntimeError):
    """A golden job did not reach the table."""


def hold_back(system: System) -> None:
    """Let the engine admit jobs and do nothing else with them."""
    functions = system.engine.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if not mapping["FunctionArn"].endswith("-admit"):
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def admit_jobs_of(event_file: Path, system: System) -> list[str]:
    """Send the jobs an event speaks of through admission; returns their ids.

    Raises `NotAdmitted`.
    """
    text = event_file.read_text(encoding="utf-8")
    found = [
        path for path in sorted(JOBS.glob("*.json")) if f'"{PREFIX}{path.stem}' in _plain(text)
    ]
    for path in found:
        tier, body = message(path, system.serve)
        system.send(tier, body)
    ids = [f"{PREFIX}{path.stem}" for path in found]
    _await_rows(system, ids)
    return ids


def message(path: Path, serve: Callable[[Path], str]) -> tuple[str, str]:
    """Read a job's tier and body, its files served."""
    job: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    job["payload"] = {
        field: serve(ROOT / value)
        if isinstance(value, str) and value.startswith("samples/")
        else value
        for field, value in job["payload"].items()
    }
    return job["tier"], json.dumps(job | {"job_id": f"{PREFIX}{path.stem}"}, ensure_ascii=False)


def _plain(text: str) -> str:
    """Undo the quoting of JSON within JSON, as in the body of a queue's message."""
    return text.replace("\\", "")


def _await_rows(system: System, ids: list[str]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while missing := [job_id for job_id in ids if read_row(system, job_id) is None]:
        if time.monotonic() > deadline:
            raise NotAdmitted(f"not admitted: {', '.join(missing)}")
        time.sleep(0.1)
