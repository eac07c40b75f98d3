"""The steps' promises that a whole flow does not show."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as some

from faults import LeaseLost
from functions.homework_video import claim, finish
from functions.homework_video.flow_files import FlowJob
from functions.homework_video.start import execution_name, start
from jobs.delivery import Delivery
from jobs.row import Status
from tests.flow.conftest import World


def delivery(job_id: str) -> Delivery:
    body = json.dumps({"job_id": job_id, "generation": 1})
    return Delivery("m", body, 1, "r", "arn:queue", 0.0, "owner", lambda: 20.0)


def test_a_message_delivered_twice_starts_one_flow(world: World) -> None:
    world.admit()
    for _ in range(2):
        start(delivery("video-1"), world.states, world.machine)
    found = world.states.list_executions(stateMachineArn=world.machine)["executions"]
    assert [one["name"] for one in found] == ["video-1-g1"]
    world.wait(found[0]["executionArn"])
    start(delivery("video-1"), world.states, world.machine)
    assert world.row().status is Status.DONE


def test_a_service_that_fails_lets_the_message_come_back(world: World) -> None:
    with pytest.raises(ClientError):
        start(delivery("video-1"), world.states, world.machine + "x")


@given(some.text(min_size=1, max_size=128), some.integers(1, 999))
def test_execution_names_are_allowed_and_short(job_id: str, generation: int) -> None:
    name = execution_name(job_id, generation)
    assert len(name) <= 80
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@given(some.sets(some.text("ab:.-_1", min_size=1, max_size=128), min_size=2, max_size=2))
def test_two_jobs_never_share_a_name(ids: set[str]) -> None:
    assert len({execution_name(one, 1) for one in ids}) == 2


def ask(owner: str, generation: int = 1) -> dict[str, Any]:
    return claim.handler(
        {"job_id": "video-1", "generation": generation, "owner": owner}, SimpleNamespace()
    )


def test_a_claim_whose_answer_was_lost_is_granted_again(world: World) -> None:
    world.admit()
    first = ask("flow-a")
    assert first == ask("flow-a")
    assert first["attempt"] == 1


def test_a_claim_of_another_flow_or_generation_is_refused(world: World) -> None:
    world.admit()
    assert ask("flow-a", generation=2) == {"claimed": False}
    assert world.row().status is Status.QUEUED
    assert ask("flow-a")["claimed"]
    assert ask("flow-b") == {"claimed": False}


def test_no_row_is_no_claim(world: World) -> None:
    assert ask("flow-a") == {"claimed": False}


def test_ending_twice_changes_nothing_and_another_attempt_cannot_end_it(world: World) -> None:
    world.admit()
    job = {key: value for key, value in ask("flow-a").items() if key != "claimed"}
    event = {"job": job, "error": {"Error": "Permanent", "Cause": "{}"}}
    for _ in range(2):
        assert finish.handler(event, SimpleNamespace()) == {"status": "failed"}
    with pytest.raises(LeaseLost):
        finish.handler(event | {"job": job | {"attempt": 7}}, SimpleNamespace())
    assert FlowJob.of(event).row().error_code == "flow_failed"
