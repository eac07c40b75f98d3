"""The image itself, where a container engine answers: built, and every golden event run in it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from academy_worker.embedded.cfn_yaml import load_template
from academy_worker.embedded.golden import admit_jobs_of, hold_back
from academy_worker.embedded.one_function import process_of
from academy_worker.embedded.project import ROOT, TEMPLATE, TOOLS
from tests.integration.conftest import Bench
from tests.integration.test_events import ENDS, EVENTS, PATIENCE, function_of

BASE_IMAGE = "debian:trixie-slim"
BUILD_SECONDS, INVOKE_SECONDS = 1800, 300


def container_engine() -> str:
    """Why there is none, or an empty text."""
    if shutil.which("docker") is None:
        return "no docker command here"
    asked = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    return asked.stderr.strip()[:200] if asked.returncode else ""


MISSING = container_engine()
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"image not built, no event run in it: {MISSING}"
)


def image_function(event: Path) -> str | None:
    """The logical name of an event's function, if it is one of the image."""
    name = "".join(part.capitalize() for part in function_of(event).split("_")) + "Function"
    properties = load_template(TEMPLATE)["Resources"][name]["Properties"]
    return name if properties.get("PackageType") == "Image" else None


IN_IMAGE = [event for event in EVENTS if image_function(event)]


def sam(*arguments: str, seconds: int) -> str:
    """Run the SAM command line; its standard output. Fails the test with its error output."""
    done = subprocess.run(
        [str(TOOLS / "bin/sam"), *arguments, "--parameter-overrides", f"BaseImage={BASE_IMAGE}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(BUILD_SECONDS + INVOKE_SECONDS)
@pytest.mark.parametrize("event", IN_IMAGE, ids=lambda event: event.stem)
def test_the_event_runs_in_the_image(bench: Bench, event: Path, tmp_path: Path) -> None:
    """The first build takes long; the others find their layers."""
    hold_back(bench.system)
    jobs = admit_jobs_of(event, bench.system)
    name = image_function(event)
    assert name is not None
    variables = tmp_path / "env.json"
    variables.write_text(json.dumps({name: dict(process_of(bench.system, function_of(event)).env)}))

    sam("build", name, "--build-dir", str(tmp_path / "build"), seconds=BUILD_SECONDS)
    printed = sam(
        *("local", "invoke", name, "--event", str(event), "--docker-network", "host"),
        *("--template", str(tmp_path / "build/template.yaml"), "--env-vars", str(variables)),
        seconds=INVOKE_SECONDS,
    )

    assert json.loads(printed.strip().splitlines()[-1]) == {"batchItemFailures": []}
    for job_id in jobs:
        bench.until(lambda job=job_id: bench.row(job).terminal, PATIENCE, f"{job_id} has not ended")
        row = bench.row(job_id)
        assert (row.status.value, row.error_code) == ENDS.get(job_id, ("done", None))
