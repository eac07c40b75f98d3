"""The contract as files: JSON Schemas of everything on the wire, and the table of error codes."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from faults import Code
from jobs.contract.message import ApiResult, JobMessage
from jobs.contract.registry import CONTRACTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ERRORS_HEAD = """# Error codes

A failed job is told to the API as `error_code` (one of these, stable) and `error` (the case at
hand, for people). The table is made from `layers/jobs/python/faults.py` by
`academy-worker contract export`.

| code | meaning | what to do |
|---|---|---|
"""


def schemas() -> dict[str, str]:
    """Schemas by file name: what is read as it is validated, what is sent as it is written."""
    files = {
        "message.json": _text(JobMessage, "validation"),
        "api_result.json": _text(ApiResult, "serialization"),
    }
    for job_type, contract in CONTRACTS.items():
        files[f"{job_type.value}.payload.json"] = _text(contract.payload, "validation")
        files[f"{job_type.value}.result.json"] = _text(contract.result, "serialization")
    return files


def error_table() -> str:
    """The error codes as a Markdown page."""
    return ERRORS_HEAD + "".join(
        f"| `{code.value}` | {code.meaning} | {code.remedy} |\n" for code in Code
    )


def export(folder: Path, errors: Path) -> int:
    """Write all files, removing schemas that are no more; returns how many were written."""
    folder.mkdir(parents=True, exist_ok=True)
    files = schemas()
    for stale in set(folder.glob("*.json")) - {folder / name for name in files}:
        stale.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    errors.write_text(error_table(), encoding="utf-8")
    return len(files) + 1


def _text(model: type[BaseModel], mode: Any) -> str:
    schema = {"$schema": DIALECT} | model.model_json_schema(mode=mode)
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
