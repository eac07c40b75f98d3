"""Every golden event runs under the Lambda runtime emulator with its function's own rights."""

from pathlib import Path

import pytest

from academy_worker.embedded.golden import hold_back
from academy_worker.embedded.one_function import flow_steps, functions, run_event
from academy_worker.embedded.project import ROOT
from tests.integration.conftest import Bench

PATIENCE = 90
"""s; the starter of videos leaves its job to the flow."""

ENDS = {
    "golden-notify": ("failed", "tier_forbidden"),
    "golden-finalize": ("failed", "retries_exhausted"),
    "golden-problem_generation": ("failed", "not_configured"),
}
"""How a job ends that is not done: it was refused, given up, or no provider is set up here."""

EVENTS = sorted((ROOT / "events").glob("*.json"))


def function_of(event: Path) -> str:
    """`admit_poison.json` is an event of `admit`."""
    fitting = [
        name for name in functions() if event.stem == name or event.stem.startswith(f"{name}_")
    ]
    return max(fitting, key=len)


@pytest.fixture(scope="module", autouse=True)
def _held_back(bench: Bench) -> None:
    hold_back(bench.system)


def test_every_function_but_the_steps_of_flows_has_a_golden_event() -> None:
    """A step needs what the steps before it left; flows run whole in the demo."""
    assert set(functions()) - flow_steps() - {function_of(event) for event in EVENTS} == set()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.stem)
def test_the_function_takes_the_event(bench: Bench, event: Path) -> None:
    done, jobs = run_event(bench.system, function_of(event), event)

    assert not done.failed, done.output
    for job_id in jobs:
        bench.until(lambda job=job_id: bench.row(job).terminal, PATIENCE, f"{job_id} has not ended")
        row = bench.row(job_id)
        assert (row.status.value, row.error_code) == ENDS.get(job_id, ("done", None))
