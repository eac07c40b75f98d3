"""The list of faults in docs/faults.md names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTED = re.findall(r"`(test_\w+)`", (ROOT / "docs" / "faults.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def defined() -> set[str]:
    """The names of all test functions of the suite."""
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_test_a_fault_names_exists(defined: set[str]) -> None:
    assert set(LISTED) <= defined


def test_every_fault_names_a_test() -> None:
    lines = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| fault ")]
    assert len(rows) >= 38
    assert [row for row in rows if "`test_" not in row] == []


def test_every_fault_test_of_the_harness_is_listed() -> None:
    found = {
        node.name
        for path in Path(__file__).parent.glob("test_faults_of_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    unlisted = found - set(LISTED)
    assert unlisted <= NOT_FAULTS


NOT_FAULTS = {
    "test_the_latest_golden_rows_are_those_of_today_s_code",
    "test_an_outage_of_the_api_in_the_middle_delays_only_what_falls_into_it",
}
