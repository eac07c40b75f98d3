"""A template meta is a producer's too: its checks must not cost more than a sheet is worth."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.sheets import meta

_PARSE = """
import json, sys, time
from analysis.omr.template import parse_template
from faults import WorkerError
from tests.attack.measured_run import high_water_megabytes

value = json.load(sys.stdin)
before, start, code = high_water_megabytes(), time.process_time(), "parsed"
try:
    parse_template(value)
except WorkerError as error:
    code = error.code.value
    assert len(error.message) < 2000
print(code, high_water_megabytes() - before, time.process_time() - start)
"""


def stacked() -> object:
    """Every bubble of the largest sheet in one place: all pairs overlap."""
    value = meta(300, 5, digits=0)
    for question in value["questions"]:
        for choice in question["choices"]:
            choice["center"] = {"x": 100.0, "y": 100.0}
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(meta(300, 20), id="the most bubbles the schema takes"),
        pytest.param(stacked(), id="all in one place"),
        pytest.param(meta(300, 5, digits=0), id="the largest sheet"),
    ],
)
def test_a_template_costs_little_to_refuse(value: object) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PARSE],
        input=json.dumps(value),
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    code, megabytes, seconds = done.stdout.split()

    assert code == "template_invalid"
    assert float(megabytes) < 256
    assert float(seconds) < 3
