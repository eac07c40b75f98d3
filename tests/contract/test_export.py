"""The committed contract is the one the code speaks."""

import json
from pathlib import Path

import pytest
from jsonschema import validate

from academy_worker.contract_export import error_table, export, schemas
from faults import Code

DOCS = Path(__file__).parents[2] / "docs"
EVENTS = Path(__file__).parents[2] / "events"
REGENERATE = "run `.venv/bin/academy-worker contract export` and commit docs/"


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_committed_schema_is_the_models(name: str):
    file = DOCS / "contract" / name
    assert file.exists(), f"docs/contract/{name} is missing: {REGENERATE}"
    assert file.read_text(encoding="utf-8") == schemas()[name], f"{name} is stale: {REGENERATE}"


def test_no_schema_is_left_of_what_is_no_more():
    left = {file.name for file in (DOCS / "contract").glob("*.json")} - set(schemas())
    assert not left, f"{sorted(left)}: {REGENERATE}"


def test_the_committed_table_of_errors_is_the_codes():
    table = (DOCS / "errors.md").read_text(encoding="utf-8")
    assert table == error_table(), f"docs/errors.md is stale: {REGENERATE}"


@pytest.mark.parametrize("code", list(Code))
def test_every_code_says_what_it_means_and_what_to_do(code: Code):
    assert code.meaning.endswith("."), f"give {code.name} a meaning in faults.py"
    assert code.remedy.endswith("."), f"give {code.name} a remedy in faults.py"


def test_an_export_removes_stale_schemas_and_nothing_else(tmp_path: Path):
    stale, other = tmp_path / "horoscope.payload.json", tmp_path / "README.md"
    stale.write_text("{}")
    other.write_text("kept")
    export(tmp_path, tmp_path / "errors.md")
    assert not stale.exists()
    assert other.read_text() == "kept"
    assert {file.name for file in tmp_path.glob("*.json")} == set(schemas())


@pytest.mark.parametrize(
    "file", sorted((EVENTS / "jobs").glob("*.json")), ids=lambda file: file.stem
)
def test_the_golden_jobs_fit_the_schemas(file: Path):
    job = {"job_id": f"golden-{file.stem}"} | json.loads(file.read_text(encoding="utf-8"))
    validate(job, json.loads(schemas()["message.json"]))
    validate(job["payload"], json.loads(schemas()[f"{job['job_type']}.payload.json"]))
