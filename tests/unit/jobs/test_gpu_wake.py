"""When a drain task is started, when the breaker opens, and what then goes to the CPU."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from jobs import limits
from jobs.contract.message import Tier, WorkMessage
from jobs.gpu_cluster import Cluster, DrainTask
from jobs.gpu_wake import GpuWake, Woken, breaker_open
from jobs.row import JobRow, Status
from jobs.wiring import GpuSettings
from tests.protocol.harness.world import CountingTelemetry

NOW = 1_000_000.0
RUNNING = DrainTask(running=True)
JUST_ASKED = DrainTask(waiting_since=NOW - 60)
WAITED_LONG = DrainTask(waiting_since=NOW - limits.GPU_PATIENCE - 1)
ENDED = DrainTask(stopped_at=NOW - 10)
NEVER_STARTED = DrainTask(stopped_at=NOW - 10, never_started=True)
CRASHED = DrainTask(stopped_at=NOW - 10, crashed=True)


def row(job_id: str, job_type: str = "embedding", status: Status = Status.QUEUED) -> JobRow:
    return JobRow(
        job_id=job_id,
        status=status,
        tier=Tier.PREMIUM,
        job_type=job_type,
        admitted_at=0.0,
        due_at=1.0,
        body_hash="h",
    )


@dataclass
class FakeCluster:
    there: list[DrainTask]
    takes: bool = True
    asked: int = 0

    def tasks(self) -> list[DrainTask]:
        return self.there

    def start(self) -> bool:
        self.asked += 1
        return self.takes


@dataclass
class FakeQueues:
    bodies: list[str]
    sent: list[tuple[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def backlog(self, queue: str) -> int:
        return len(self.bodies)

    def receive(self, queue: str, wait: float, hidden: float) -> dict[str, Any] | None:
        if not self.bodies:
            return None
        body = self.bodies.pop(0)
        return {"Body": body, "ReceiptHandle": body}

    def send(self, queue: str, message: WorkMessage) -> None:
        self.sent.append((queue, message.job_id))

    def delete(self, queue: str, receipt_handle: str) -> None:
        self.deleted.append(receipt_handle)


@dataclass
class FakeStore:
    rows: dict[str, JobRow]

    def get(self, job_id: str) -> JobRow | None:
        return self.rows.get(job_id)


def message(job_id: str) -> str:
    return WorkMessage(job_id=job_id).model_dump_json()


def look(
    tasks: list[DrainTask],
    bodies: list[str],
    *rows: JobRow,
    most: int = 1,
    takes: bool = True,
) -> tuple[Woken, FakeCluster, FakeQueues]:
    cluster, queues = FakeCluster(tasks, takes), FakeQueues(bodies)
    store = FakeStore({item.job_id: item for item in rows})
    telemetry = CountingTelemetry()
    wake = GpuWake(cluster, store, queues, telemetry, lambda: NOW, most)  # type: ignore[arg-type]
    return wake.look(), cluster, queues


@pytest.mark.parametrize(
    ("tasks", "is_open"),
    [
        ([], False),
        ([RUNNING], False),
        ([JUST_ASKED], False),
        ([WAITED_LONG], True),
        ([WAITED_LONG, RUNNING], False),
        ([ENDED, ENDED, ENDED], False),
        ([NEVER_STARTED], True),
        ([CRASHED, CRASHED], False),
        ([CRASHED, CRASHED, CRASHED], True),
        ([DrainTask(stopped_at=NOW - limits.GPU_COOLING, never_started=True)], False),
    ],
)
def test_the_breaker_is_open_while_no_gpu_comes(tasks: list[DrainTask], is_open: bool) -> None:
    assert breaker_open(tasks, NOW) is is_open


def test_waiting_jobs_wake_one_task_and_stay_on_the_gpu_queue() -> None:
    woken, cluster, queues = look([ENDED], [message("a")], row("a"))

    assert (woken, cluster.asked) == (Woken(started=1), 1)
    assert queues.bodies == [message("a")]


@pytest.mark.parametrize("tasks", [[RUNNING], [JUST_ASKED]])
def test_a_task_that_is_there_or_on_its_way_is_enough(tasks: list[DrainTask]) -> None:
    woken, cluster, _ = look(tasks, [message("a")])

    assert (woken, cluster.asked) == (Woken(), 0)


def test_an_empty_queue_wakes_nothing() -> None:
    assert look([], [])[0] == Woken()


def test_a_long_queue_is_worth_more_tasks_up_to_the_limit() -> None:
    bodies = [message(str(number)) for number in range(3 * limits.GPU_JOBS_PER_TASK)]

    assert look([RUNNING], list(bodies), most=2)[0].started == 1
    assert look([RUNNING], list(bodies), most=9)[0].started == 2


def test_an_open_breaker_moves_each_job_to_its_cpu_queue() -> None:
    rows = [row("a"), row("b", "question_segmentation"), row("c", status=Status.DONE)]
    woken, cluster, queues = look([WAITED_LONG], [message(item.job_id) for item in rows], *rows)

    assert queues.sent == [("premium-embedding", "a"), ("premium-question-segmentation", "b")]
    assert queues.deleted == [message("a"), message("b"), message("c")]
    assert (woken, cluster.asked) == (Woken(moved=3), 0)


def test_what_is_no_job_is_left_to_go_to_the_dead_letters() -> None:
    woken, _, queues = look([NEVER_STARTED], ["{no", message("unknown")])

    assert (queues.sent, queues.deleted, woken.moved) == ([], [], 0)


def test_a_refused_task_lets_the_cpu_have_the_jobs_at_once() -> None:
    woken, _, queues = look([], [message("a")], row("a"), takes=False)

    assert woken == Woken(started=0, moved=1)
    assert queues.sent == [("premium-embedding", "a")]


def test_a_refused_second_task_leaves_the_jobs_to_the_first() -> None:
    bodies = [message(str(number)) for number in range(limits.GPU_JOBS_PER_TASK + 1)]
    woken, _, queues = look([RUNNING], bodies, most=2, takes=False)

    assert (woken, queues.sent) == (Woken(), [])


@pytest.mark.parametrize(
    ("types", "tier", "job_type", "queue"),
    [
        ("", Tier.PREMIUM, "embedding", "premium-embedding"),
        ("embedding", Tier.PREMIUM, "embedding", "premium-gpu"),
        ("embedding", Tier.PREMIUM, "question_segmentation", "premium-question-segmentation"),
        ("embedding, question_segmentation", Tier.PREMIUM, "question_segmentation", "premium-gpu"),
        ("ocr", Tier.PREMIUM, "ocr", "premium-ocr"),
        ("ocr,embedding", Tier.LITE, "ocr", "lite-ocr"),
    ],
)
def test_only_named_gpu_types_go_to_the_gpu_queue(
    types: str, tier: Tier, job_type: str, queue: str
) -> None:
    job = JobRow(
        job_id="j",
        status=Status.QUEUED,
        tier=tier,
        job_type=job_type,
        admitted_at=0.0,
        due_at=1.0,
        body_hash="h",
    )
    assert GpuSettings(gpu_types=types).queue_of(job) == queue


class FakeEcs:
    """Answers in the shape of ECS's API."""

    def __init__(self, *tasks: dict[str, Any], refuses: bool = False) -> None:
        self.there = tasks
        self.refuses = refuses
        self.asked: dict[str, Any] = {}

    def list_tasks(self, cluster: str, desiredStatus: str) -> dict[str, Any]:
        wanted = [task["taskArn"] for task in self.there if task["desired"] == desiredStatus]
        return {"taskArns": wanted}

    def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        return {"tasks": [task for task in self.there if task["taskArn"] in tasks]}

    def run_task(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        refusal = {"tasks": [], "failures": [{"reason": "RESOURCE:GPU"}]}
        return refusal if self.refuses else {"tasks": [{"taskArn": "new"}], "failures": []}


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def cluster(ecs: FakeEcs) -> Cluster:
    return Cluster(ecs, "gpu", "drain:1", "spot", ["subnet-1"], "sg-1")


def test_tasks_are_read_as_ecs_tells_them() -> None:
    ecs = FakeEcs(
        {"taskArn": "1", "desired": "RUNNING", "lastStatus": "PROVISIONING", "createdAt": at(5)},
        {"taskArn": "2", "desired": "RUNNING", "lastStatus": "RUNNING", "createdAt": at(5)},
        {
            "taskArn": "3",
            "desired": "STOPPED",
            "lastStatus": "STOPPED",
            "createdAt": at(5),
            "stoppedAt": at(9),
            "stopCode": "TaskFailedToStart",
            "containers": [{}],
        },
        {
            "taskArn": "4",
            "desired": "STOPPED",
            "lastStatus": "STOPPED",
            "createdAt": at(5),
            "stoppedAt": at(9),
            "stopCode": "EssentialContainerExited",
            "containers": [{"exitCode": 137}],
        },
    )

    assert cluster(ecs).tasks() == [
        DrainTask(waiting_since=5),
        DrainTask(running=True),
        DrainTask(stopped_at=9, never_started=True),
        DrainTask(stopped_at=9, crashed=True),
    ]


def test_what_is_asked_of_ecs_is_what_its_api_takes() -> None:
    ecs = boto3.client(
        "ecs", "ap-northeast-2", aws_access_key_id="none", aws_secret_access_key="none"
    )
    with Stubber(ecs) as stub:
        stub.add_response("list_tasks", {"taskArns": ["1"]})
        stub.add_response("list_tasks", {"taskArns": []})
        pending = {"taskArn": "1", "lastStatus": "PENDING", "createdAt": at(5)}
        stub.add_response("describe_tasks", {"tasks": [pending]})
        stub.add_response("run_task", {"tasks": [], "failures": [{"reason": "RESOURCE:GPU"}]})
        there = Cluster(ecs, "gpu", "drain:1", "spot", ["subnet-1"], "sg-1")

        assert there.tasks() == [DrainTask(waiting_since=5)]
        assert not there.start()
        stub.assert_no_pending_responses()


def test_no_tasks_are_no_question_to_ecs() -> None:
    assert cluster(FakeEcs()).tasks() == []


def test_a_task_is_asked_of_the_capacity_provider_in_private_subnets() -> None:
    ecs = FakeEcs()

    assert cluster(ecs).start()
    assert ecs.asked["capacityProviderStrategy"] == [{"capacityProvider": "spot", "weight": 1}]
    placed = ecs.asked["networkConfiguration"]["awsvpcConfiguration"]
    assert placed["assignPublicIp"] == "DISABLED"
    assert not cluster(FakeEcs(refuses=True)).start()
