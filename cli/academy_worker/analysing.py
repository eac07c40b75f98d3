"""A job's code on local files, as in the functions, without a queue."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from academy_worker.local_workspace import LocalWorkspace
from faults import Code, WorkerError
from jobs.contract.message import JobType
from jobs.contract.registry import CONTRACTS, parse_payload

LINK = "download_url"
"""The payload's field that names a file; a type without it takes FILE as its payload in JSON."""

_MODULES = {JobType.HOMEWORK_VIDEO_ANALYSIS: "functions.homework_video.app"}


def run_of(job_type: JobType) -> Callable[..., Any]:
    """The code of a job type."""
    module = _MODULES.get(job_type, f"functions.{job_type.value}.app")
    run: Callable[..., Any] = importlib.import_module(module).run
    return run


def analyse(
    job_type: JobType, path: Path, payload: Mapping[str, Any], audit: Path | None
) -> dict[str, Any]:
    """Run one job on one file; a line `{file, status, result | error}`, never an exception."""
    line: dict[str, Any] = {"file": str(path)}
    try:
        given = dict(payload) | _from_file(job_type, path)
        folder = audit / path.stem if audit else None
        result = run_of(job_type)(parse_payload(job_type, given), LocalWorkspace(folder))
        return line | {"status": "done", "result": result.model_dump(mode="json", by_alias=True)}
    except WorkerError as error:
        code, message = error.code, error.message
    except Exception as error:
        code, message = Code.INTERNAL, type(error).__name__
    return line | {"status": "failed", "error": {"code": code.value, "message": message}}


def _from_file(job_type: JobType, path: Path) -> dict[str, Any]:
    import json

    if LINK in CONTRACTS[job_type].payload.model_fields:
        return {LINK: str(path)}
    value = json.loads(path.read_text(encoding="utf-8"))
    return value if isinstance(value, dict) else {}
