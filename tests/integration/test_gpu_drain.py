"""The drain as a process of its own, with its task's rights, against the real engine.

The engine has no GPU machines: the queue, the route to it and the task's role are deployed from
the template, and the container's command runs here, on the CPU.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest

from academy_worker.embedded.cfn_yaml import load_template
from academy_worker.embedded.engine import ACCOUNT, REGION, ROOT_KEY
from academy_worker.embedded.project import ROOT, TEMPLATE
from academy_worker.embedded.system import running_system
from jobs import limits
from jobs.gpu_cluster import DrainTask
from jobs.gpu_wake import GpuWake, Woken
from jobs.outcome import Done, StoredResult
from jobs.queues import Queues
from jobs.store import Claimed, JobStore
from tests.generators.detectors.constant import constant_model
from tests.integration.conftest import Bench
from tests.protocol.harness.world import CountingTelemetry

PATIENCE = 40
QUEUE = "premium-gpu"
KEPT = ("PremiumGpuQueue", "GpuTaskRole")
TEXTS = {"texts": ["삼각형의 넓이를 구하시오."], "vectors": False}
MAIN = "functions.gpu_drain.main"
SLOW = "tests.integration.handlers.slow_drain"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    checkout = without_machines(tmp_path_factory.mktemp("checkout"))
    given = {
        "GpuEnabled": "true",
        "YoloQuestionModelPath": "/in/the/image.onnx",
        "EmbeddingOnnxPath": "/in/the/image",
    }
    with running_system(given, template=checkout) as system:
        yield Bench(system)


def without_machines(folder: Path) -> Path:
    """The template less what the engine cannot have: cluster, machines, and who starts tasks.

    The task's role trusts the administrator here, who hands it on as ECS would.
    """
    template = load_template(TEMPLATE)
    for name, item in list(template["Resources"].items()):
        if item.get("Condition") in ("UseGpu", "MonitoredGpu") and name not in KEPT:
            del template["Resources"][name]
    trust = template["Resources"]["GpuTaskRole"]["Properties"]["AssumeRolePolicyDocument"]
    administrator = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    trust["Statement"] = [
        {"Effect": "Allow", "Principal": administrator, "Action": "sts:AssumeRole"}
    ]
    for entry in ("functions", "layers"):
        (folder / entry).symlink_to(ROOT / entry)
    path = folder / "template.yaml"
    path.write_text(json.dumps(template))
    return path


class Task:
    """A drain process; `log` holds what it wrote so far."""

    def __init__(self, bench: Bench, folder: Path, module: str = MAIN, **variables: str) -> None:
        deployment = bench.system.deployment
        self.started = folder / f"started-{time.monotonic_ns()}"
        self._path = self.started.with_suffix(".log")
        env = task_credentials(bench) | {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": ":".join(
                str(ROOT / part)
                for part in (".", "layers/jobs/python", "layers/analysis/python", "cli")
            ),
            "OMP_NUM_THREADS": "1",
            "AWS_ENDPOINT_URL": bench.system.engine.url,
            "AWS_DEFAULT_REGION": REGION,
            "JOBS_TABLE": deployment.table,
            "RESULTS_BUCKET": deployment.bucket,
            "QUEUE_PREFIX": f"{deployment.stack}-",
            "DOWNLOAD_HOSTS": "localhost",
            "ALLOW_HTTP_LOOPBACK": "true",
            "DRAIN_POLL": "1",
            "DRAIN_BEAT": "0.3",
            "DRAIN_HIDDEN": "3",
            "DRAIN_GRACE": "1",
            "STARTED": str(self.started),
        }
        with self._path.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                env=env | variables,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        return self._path.read_text()

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Log lines of one event."""
        read = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [line for line in read if line.get("message") == event]

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self) -> int:
        """Ask for the end and wait for it; the exit status."""
        self.send(signal.SIGTERM)
        return self.status()

    def status(self) -> int:
        """Wait for the end; the exit status."""
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def task_credentials(bench: Bench) -> dict[str, str]:
    """What ECS would give the task: a session of its role."""
    stack = bench.system.deployment.stack
    role = bench.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId="GpuTaskRole"
    )["StackResourceDetail"]["PhysicalResourceId"]
    arn = bench.client("iam").get_role(RoleName=role)["Role"]["Arn"]
    session = bench.client("sts").assume_role(RoleArn=arn, RoleSessionName="drain")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }


@pytest.fixture
def tasks() -> Iterator[list[Task]]:
    started: list[Task] = []
    yield started
    for task in started:
        task.close()


def queued(bench: Bench, job_type: str, payload: dict[str, Any]) -> str:
    """Send a job by the ingress and wait until it lies on the GPU queue."""
    job_id = bench.submit("premium", job_type, payload)
    bench.until(lambda: bench.messages(QUEUE) > 0, 20, "admission routed nothing to the GPU queue")
    return job_id


def test_a_job_is_read_with_the_provider_that_is_there_and_the_idle_task_ends(
    bench: Bench, tasks: list[Task], tmp_path: Path
) -> None:
    model = tmp_path / "questions.onnx"
    found = np.array([[[320.0], [320.0], [400.0], [200.0], [0.9]]], np.float32)
    model.write_bytes(constant_model([found], metadata={"names": "{0: 'question'}"}))
    page = next(iter(sorted((ROOT / "samples").rglob("*.jpg"))))
    url = bench.system.serve(page)
    job_id = queued(bench, "question_segmentation", {"download_url": url, "engine": "yolo"})

    task = Task(bench, tmp_path, YOLO_QUESTION_MODEL_PATH=str(model))
    tasks.append(task)
    told = bench.outcome(job_id, PATIENCE)

    assert told["status"] == "done", told
    assert told["result"]["page"]["provider"] == "CPUExecutionProvider"
    assert [line["job_id"] for line in task.lines("ended")] == [job_id]
    assert task.status() == 0
    assert [line["code"] for line in task.lines("drain_ended")] == ["idle"]
    assert bench.messages(QUEUE) == 0


def test_a_stop_in_mid_job_gives_it_back_and_it_ends_once(
    bench: Bench, tasks: list[Task], tmp_path: Path
) -> None:
    job_id = queued(bench, "embedding", TEXTS)
    first = Task(bench, tmp_path, SLOW, SLOW="60")
    tasks.append(first)
    bench.until(first.started.exists, 20, first.log)

    first.send(signal.SIGTERM)

    assert first.status() == 0
    assert [line["code"] for line in first.lines("drain_ended")] == ["released"]
    assert bench.row(job_id).status == "queued"
    assert finished_by_another(bench, tasks, tmp_path, job_id)


def test_a_killed_task_holds_its_job_up_no_longer_than_its_heartbeat(
    bench: Bench, tasks: list[Task], tmp_path: Path
) -> None:
    job_id = queued(bench, "embedding", TEXTS)
    first = Task(bench, tmp_path, SLOW, SLOW="60")
    tasks.append(first)
    bench.until(first.started.exists, 20, first.log)

    first.send(signal.SIGKILL)
    first.status()

    assert finished_by_another(bench, tasks, tmp_path, job_id)


def test_a_task_that_lost_its_claim_writes_nothing(
    bench: Bench, tasks: list[Task], tmp_path: Path
) -> None:
    job_id = queued(bench, "embedding", TEXTS)
    task = Task(bench, tmp_path, SLOW, SLOW="2")
    tasks.append(task)
    bench.until(task.started.exists, 20, task.log)

    store = taken_over(bench, job_id)
    bench.until(lambda: bool(task.lines("claim_lost")), 20, "the lost claim was not noticed")
    time.sleep(3)

    assert task.lines("ended") == []
    assert bench.row(job_id).lease_owner == "another"
    store.finish(job_id, 2, Done(StoredResult(inline='{"by": "another"}')))
    assert bench.outcome(job_id, PATIENCE)["result"] == {"by": "another"}
    assert task.stop() == 0
    assert len(bench.taken(job_id)) == 1


def test_a_poisoned_message_ends_in_quarantine_and_holds_nobody_up(
    bench: Bench, tasks: list[Task], tmp_path: Path
) -> None:
    bench.client("sqs").send_message(QueueUrl=bench.queue_url(QUEUE), MessageBody="{no job")
    job_id = queued(bench, "embedding", TEXTS)

    task = Task(bench, tmp_path)
    tasks.append(task)

    assert bench.outcome(job_id, PATIENCE)["status"] == "done"
    bench.until(lambda: quarantined(bench), PATIENCE, "the poison is not in quarantine")
    assert len(task.lines("kept")) == limits.WORK_MAX_RECEIVE


class NoMachine:
    """A cluster whose task has waited for its machine since long ago."""

    def tasks(self) -> list[DrainTask]:
        return [DrainTask(waiting_since=0.0)]

    def start(self) -> bool:
        pytest.fail("a second task was started")


def test_a_job_no_gpu_comes_for_is_done_by_the_cpu(bench: Bench) -> None:
    bench.client("sqs").purge_queue(QueueUrl=bench.queue_url(QUEUE))  # others' hidden messages
    url = bench.system.serve(next(iter(sorted((ROOT / "samples").rglob("*.jpg")))))
    payload = {"download_url": url, "engine": "opencv"}
    job_id = queued(bench, "question_segmentation", payload)
    queues = Queues(bench.client("sqs"), f"{bench.system.deployment.stack}-")
    store = JobStore(jobs_table(bench), time.time)

    wake = GpuWake(NoMachine(), store, queues, CountingTelemetry(), time.time)
    bench.until(lambda: wake.look() == Woken(moved=1), 20, "nothing was moved")

    assert bench.outcome(job_id, PATIENCE)["status"] == "done"
    bench.until(lambda: bench.messages(QUEUE) == 0, PATIENCE, "the job still waits for a GPU")
    assert bench.row(job_id).attempt == 1


def jobs_table(bench: Bench) -> Any:
    """The jobs table as the administrator sees it."""
    return boto3.resource(
        "dynamodb",
        endpoint_url=bench.system.engine.url,
        region_name=REGION,
        aws_access_key_id=ROOT_KEY,
        aws_secret_access_key=ROOT_KEY,
    ).Table(bench.system.deployment.table)


def taken_over(bench: Bench, job_id: str) -> JobStore:
    """Let the lease run out and another worker claim the job."""
    table = jobs_table(bench)
    table.update_item(
        Key={"job_id": job_id},
        UpdateExpression="SET lease_until = :past",
        ExpressionAttributeValues={":past": 1},
    )
    store = JobStore(table, time.time)
    assert isinstance(store.claim(job_id, "another", 60.0), Claimed)
    return store


def finished_by_another(bench: Bench, tasks: list[Task], folder: Path, job_id: str) -> bool:
    """Start the next task and see the job end, once, in its second attempt."""
    tasks.append(Task(bench, folder))
    told = bench.outcome(job_id, PATIENCE)
    return (
        tasks[-1].stop() == 0
        and told["status"] == "done"
        and bench.row(job_id).attempt == 2
        and len(bench.taken(job_id)) == 1
    )


def quarantined(bench: Bench) -> bool:
    found = bench.client("s3").list_objects_v2(
        Bucket=bench.system.deployment.bucket, Prefix="quarantine/"
    )
    return any("message_invalid" in item["Key"] for item in found.get("Contents", []))
