"""A job's code on local files, as in the functions, without a queue."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from academy_worker.local_workspace import LocalWorkspace
from academy_worker.payloads import LINK, payload_file, takes_link
from faults import Code, WorkerError
from jobs.contract.message import JobType
from jobs.contract.registry import parse_payload

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
        from_file = {LINK: str(path)} if takes_link(job_type) else payload_file(path)
        given = dict(payload) | from_file
        folder = audit / path.stem if audit else None
        result = run_of(job_type)(parse_payload(job_type, given), LocalWorkspace(folder))
        return line | {"status": "done", "result": result.model_dump(mode="json", by_alias=True)}
    except WorkerError as error:
        code, message = error.code, error.message
    except Exception as error:
        code, message = Code.INTERNAL, type(error).__name__
    return line | {"status": "failed", "error": {"code": code.value, "message": message}}
