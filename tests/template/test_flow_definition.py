"""What a state machine may not get wrong, held against the flow's definition."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FLOW = yaml.safe_load(
    (ROOT / "functions" / "homework_video" / "flow.asl.yaml").read_text(encoding="utf-8")
)
_FIELDS = {
    "Task": {"Resource", "TimeoutSeconds", "Parameters", "ResultPath", "Retry", "Catch"},
    "Map": {
        *("ItemsPath", "MaxConcurrency", "ItemSelector", "ItemProcessor"),
        *("ResultPath", "Retry", "Catch"),
    },
    "Choice": {"Choices", "Default"},
    "Pass": {"Parameters"},
    "Succeed": set(),
    "Fail": {"Error", "Cause"},
}


def machines() -> Iterator[tuple[str, dict[str, Any]]]:
    """The flow and every processor inside it."""
    yield "flow", FLOW
    for name, state in FLOW["States"].items():
        if state["Type"] == "Map":
            yield name, state["ItemProcessor"]


def states() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (place, name, state)
        for place, machine in machines()
        for name, state in machine["States"].items()
    ]


def targets(state: dict[str, Any]) -> list[str]:
    found = [state[key] for key in ("Next", "Default") if key in state]
    found += [choice["Next"] for choice in state.get("Choices", [])]
    return found + [catcher["Next"] for catcher in state.get("Catch", [])]


ALL = states()
TASKS = [one for one in ALL if one[2]["Type"] == "Task"]


@pytest.mark.parametrize(("place", "machine"), list(machines()), ids=lambda one: str(one)[:12])
def test_every_state_is_reached_and_every_target_exists(
    place: str, machine: dict[str, Any]
) -> None:
    reached, todo = set(), [machine["StartAt"]]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += targets(machine["States"][name])
    assert reached == set(machine["States"])


@pytest.mark.parametrize(("place", "name", "state"), ALL, ids=lambda one: str(one)[:12])
def test_a_state_has_the_fields_of_its_type_and_one_way_on(
    place: str, name: str, state: dict[str, Any]
) -> None:
    allowed = _FIELDS[state["Type"]] | {"Type", "Comment", "Next", "End"}
    assert set(state) <= allowed
    if state["Type"] in ("Task", "Map", "Pass"):
        assert ("Next" in state) != ("End" in state)


@pytest.mark.parametrize(("place", "name", "state"), TASKS, ids=lambda one: str(one)[:12])
def test_a_task_ends_in_time_and_is_tried_again_at_random_intervals(
    place: str, name: str, state: dict[str, Any]
) -> None:
    assert 0 < state["TimeoutSeconds"] < FLOW["TimeoutSeconds"]
    first, last = state["Retry"]
    assert (first["ErrorEquals"], first["MaxAttempts"]) == (["Permanent", "LeaseLost"], 0)
    assert last["ErrorEquals"] == ["States.ALL"]
    assert last["JitterStrategy"] == "FULL"
    assert last["MaxAttempts"] >= 2
    assert last["MaxDelaySeconds"] > last["IntervalSeconds"]


def test_every_failure_is_caught() -> None:
    """By the state itself, or by the Map around it."""
    for _, name, state in ALL:
        if state["Type"] in ("Task", "Map") and name != "Extract":
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


def test_the_flow_outlives_its_steps_and_the_lease_outlives_the_flow() -> None:
    from functions.homework_video.claim import LEASE

    assert FLOW["TimeoutSeconds"] + 60 < LEASE


def test_a_result_is_always_put_beside_the_input() -> None:
    for _, name, state in ALL:
        if state["Type"] in ("Task", "Map") and not state.get("End") and name != "Extract":
            assert state["ResultPath"].startswith("$."), name
    assert "JSONata" not in str(FLOW)
