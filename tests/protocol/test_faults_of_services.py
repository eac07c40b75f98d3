"""The table, the academy's API and the providers on their bad days."""

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from faults import Code, Unavailable
from jobs import limits
from jobs.contract.message import Tier
from jobs.contract.ocr import OcrResult
from jobs.row import Notify, Status
from jobs.telemetry import Metric
from tests.protocol.harness.api_stub import BUSY_RETRY_AFTER
from tests.protocol.harness.scene import (
    DAY,
    FINE,
    HOUR,
    MINUTE,
    all_done,
    counted,
    fails,
    played,
    row,
    told,
    took,
)
from tests.protocol.harness.schedule import ApiTrouble, Behaviour, JobPlan, Outage, Schedule
from tests.protocol.harness.world import World

# --- DynamoDB ---------------------------------------------------------------------------------
REFUSALS = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "InternalServerError",
    "ResourceNotFoundException",
]


@pytest.mark.parametrize("code", REFUSALS)
def test_a_table_that_refuses_a_claim_is_not_taken_for_a_job_already_running(code: str) -> None:
    world = World(Schedule((FINE,)))
    fails(world, "update_item", HOUR, code)
    with pytest.raises(ClientError):
        world.store.claim("job-0", "me", 70.0)


@pytest.mark.parametrize("code", REFUSALS)
def test_a_table_that_fails_on_claim_delays_the_job_and_loses_nothing(code: str) -> None:
    world = played(FINE, before=lambda world: fails(world, "update_item", 10 * MINUTE, code))
    assert all_done(world)
    assert row(world).attempt == 1
    assert counted(world, Metric.DUPLICATE) == 0
    assert 10 * MINUTE <= took(world) < 20 * MINUTE


def test_a_table_that_fails_for_two_hours_ends_the_job_and_tells_why() -> None:
    world = played(FINE, before=lambda world: fails(world, "update_item", 2 * HOUR))
    assert (row(world).status, row(world).error_code) == (Status.FAILED, Code.RETRIES_EXHAUSTED)
    assert told(world) == 1


def test_a_table_that_fails_on_admission_keeps_the_message() -> None:
    world = played(FINE, before=lambda world: fails(world, "put_item", 10 * MINUTE))
    assert all_done(world)
    assert world.history.executions == {"job-0": 1}


# --- the API ----------------------------------------------------------------------------------
def _posts_after(world: World) -> list[float]:
    return [at - world.started for at in world.api.posts]


@pytest.mark.parametrize("trouble", [ApiTrouble.ERROR_500, ApiTrouble.SLOW])
@pytest.mark.parametrize("length", [MINUTE, HOUR, 3 * DAY])
def test_an_api_that_is_down_or_slow_hears_of_every_job_when_it_is_back(
    trouble: ApiTrouble, length: float
) -> None:
    world = played(*[FINE] * 3, outages=(Outage(0.0, length, trouble),))
    ids = [f"job-{index}" for index in range(3)]
    assert all_done(world, ids)
    assert [told(world, job_id) for job_id in ids] == [1, 1, 1]
    assert max(took(world, job_id) for job_id in ids) < MINUTE
    last = max(row(world, job_id).notified_at or 0.0 for job_id in ids)
    assert length <= last - world.started < length + 7 * HOUR


def test_an_api_that_takes_the_outcome_and_loses_the_answer_hears_the_same_again() -> None:
    world = played(FINE, outages=(Outage(0.0, HOUR, ApiTrouble.LOSES_RESPONSE),))
    bodies = world.api.accepted["job-0:1"]
    assert len(bodies) > 1
    assert all(body == bodies[0] for body in bodies)
    assert row(world).notify is Notify.SENT


def test_a_400_for_one_job_is_recorded_and_holds_up_no_other() -> None:
    def before(world: World) -> None:
        world.api.rejects = lambda key: key == "job-1:1"

    world = played(*[FINE] * 3, before=before)
    assert row(world, "job-1").notify is Notify.REJECTED
    assert row(world, "job-1").status is Status.DONE
    assert counted(world, Metric.REJECTED) == 1
    assert all_done(world, ["job-0", "job-2"])
    assert len(world.api.posts) == 3


def test_a_401_for_all_rejects_no_job_and_a_rotated_token_delivers_them() -> None:
    world = played(*[FINE] * 3, outages=(Outage(0.0, 2 * HOUR, ApiTrouble.WRONG_TOKEN),))
    assert counted(world, Metric.UNAUTHORIZED) >= 3
    assert counted(world, Metric.REJECTED) == 0
    assert all_done(world, [f"job-{index}" for index in range(3)])


def test_a_429_of_the_api_is_left_alone_as_long_as_it_asks() -> None:
    world = played(FINE, outages=(Outage(0.0, 20 * MINUTE, ApiTrouble.BUSY),))
    posts = _posts_after(world)
    assert all_done(world)
    assert len(posts) >= 4
    gaps = [later_one - one for one, later_one in itertools.pairwise(posts)]
    assert min(gaps) >= BUSY_RETRY_AFTER - 1


# --- providers --------------------------------------------------------------------------------
def test_a_provider_down_for_an_hour_delays_the_job_and_spends_no_try() -> None:
    world = played(JobPlan(behaviour=Behaviour.PROVIDER_DOWN_1H))
    assert all_done(world)
    assert HOUR <= took(world) < HOUR + 20 * MINUTE
    assert counted(world, Metric.DEFERRED) > limits.WORK_MAX_RECEIVE
    assert counted(world, Metric.RETRIED) == 0


@pytest.mark.parametrize("tier", list(Tier))
def test_a_provider_down_for_longer_than_the_deadline_fails_the_job_before_it(tier: Tier) -> None:
    world = played(JobPlan(tier=tier, behaviour=Behaviour.PROVIDER_DOWN_FOREVER))
    ended = row(world)
    assert (ended.status, ended.error_code) == (Status.FAILED, Code.DEPENDENCY_UNAVAILABLE)
    assert ended.finished_at is not None
    assert ended.due_at - 16 * MINUTE < ended.finished_at <= ended.due_at
    assert told(world) == 1


class Overloaded(World):
    """The provider answers 429 with Retry-After to the first run."""

    runs: list[float]
    asked = 240.0

    def _read(self, job_id: str, attempt: int) -> OcrResult:
        self.runs = [*getattr(self, "runs", []), self.simulation.now]
        if len(self.runs) == 1:
            raise Unavailable("provider", "too many requests", self.asked)
        return super()._read(job_id, attempt)


class OverloadedForLong(Overloaded):
    """The provider asks for more patience than a queue can have at once."""

    asked = 4000.0


@pytest.mark.parametrize(
    ("world_class", "pause"), [(Overloaded, 240.0), (OverloadedForLong, limits.UNAVAILABLE_MAX)]
)
def test_a_429_of_a_provider_is_left_alone_as_long_as_it_asks(
    world_class: type[Overloaded], pause: float
) -> None:
    world: Any = played(FINE, world_class=world_class)
    assert all_done(world)
    assert len(world.runs) == 2
    assert pause <= world.runs[1] - world.runs[0] < pause + 30.0
    assert counted(world, Metric.RETRIED) == 0


def test_an_outage_of_the_api_in_the_middle_delays_only_what_falls_into_it() -> None:
    plans = (FINE, JobPlan(sent_after=10 * MINUTE))
    world = played(*plans, outages=(Outage(5 * MINUTE, HOUR),))
    assert row(world, "job-0").notified_at - world.started < MINUTE
    assert row(world, "job-1").notified_at - world.started > 65 * MINUTE
    assert all_done(world, ["job-0", "job-1"])


def test_a_queue_that_refuses_the_forwarded_message_keeps_the_ingress_message() -> None:
    def before(world: World) -> None:
        send, refused = world.sqs.send_message, []

        def refuse(QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> None:
            if QueueUrl == "premium-ocr" and len(refused) < 2:
                refused.append(QueueUrl)
                raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "SendMessage")
            send(QueueUrl, MessageBody, DelaySeconds)

        world.sqs.send_message = refuse  # type: ignore[method-assign]

    world = played(FINE, before=before)
    assert all_done(world)
    assert world.history.executions == {"job-0": 1}
