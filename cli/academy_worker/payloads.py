"""A job's payload as the command line gets it: JSON, @file with JSON, or the job's FILE."""

import json
from pathlib import Path
from typing import Any

import typer

from faults import Code, Permanent
from jobs.contract.message import JobType
from jobs.contract.registry import CONTRACTS

LINK = "download_url"
"""The payload's field that names a file; a type without it takes FILE as its payload in JSON."""


def takes_link(job_type: JobType) -> bool:
    """Whether a job's FILE is linked to, not its payload itself."""
    return LINK in CONTRACTS[job_type].payload.model_fields


def payload_option(text: str) -> dict[str, Any]:
    """Read `--payload`. Raises `typer.BadParameter`."""
    try:
        source = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        value = json.loads(source)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"--payload: {error}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter("--payload: a JSON object is needed")
    return value


def payload_file(path: Path) -> dict[str, Any]:
    """Read a FILE that is a payload. Raises `Permanent`."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise Permanent(Code.DOWNLOAD_MISSING, f"{path.name} cannot be read") from None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Permanent(Code.PAYLOAD_INVALID, f"{path.name}: this job type takes a JSON object")
    return value
