"""The video flow on moto's state machine, every state running the project's own handler."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend

from functions.homework_video import claim, extract, finish, merge, pages, probe
from jobs import wiring
from jobs.row import JobRow, Status
from jobs.store import JobStore
from tests.generators.video.film import Script, shoot
from tests.jobs_table import create_jobs_table

HANDLERS = {
    "claim": claim.handler,
    "probe": probe.handler,
    "extract": extract.handler,
    "merge": merge.handler,
    "pages": pages.handler,
    "finish": finish.handler,
}
FLOW = Path(__file__).parents[2] / "functions" / "homework_video" / "flow.asl.yaml"
REGION = "ap-northeast-2"
BUCKET = "results"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A loopback server: `ten.mp4` and `two.mp4` show as many pages, `notes.mp4` is no video."""
    folder = tmp_path_factory.mktemp("films")
    short = {"size": (360, 640), "hold": (0.8, 1.0), "turn": (0.4, 0.5), "fps": 10, "gop": 10}
    shoot(Script(seed=77, pages=10, **short), folder / "ten.mp4")
    shoot(Script(seed=78, pages=2, **short), folder / "two.mp4")
    (folder / "notes.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + b"no film " * 4000)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@dataclass
class Lambdas:
    """The functions as Step Functions calls them; hooks run `before` and `after` a handler."""

    before: dict[str, Callable[[int, dict[str, Any]], None]] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    seconds: float = 120.0
    closing: threading.Event = field(default_factory=threading.Event)
    threads: set[threading.Thread] = field(default_factory=set)

    def hang(self, call: int, event: dict[str, Any]) -> None:
        """A hook that lets a step hang until its test is over."""
        self.closing.wait()

    def close(self) -> None:
        """Let steps that their flow has given up come to their end before the next test."""
        self.closing.set()
        for thread in tuple(self.threads):
            thread.join(60)
            assert not thread.is_alive(), "a step outlived its test"

    def invoke(self, name: str, body: bytes | str, response_headers: dict[str, str]) -> bytes:
        self.threads.add(threading.current_thread())
        name = name.split(":")[-1]
        event = json.loads(body)
        count = self.calls[name] = self.calls.get(name, 0) + 1
        try:
            if name in self.before:
                self.before[name](count, event)
            answer = HANDLERS[name](event, self._context())
            if name in self.after:
                self.after[name]()
        except Exception as error:
            response_headers["x-amz-function-error"] = "Unhandled"
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return json.dumps(answer).encode()

    def _context(self) -> Any:
        return SimpleNamespace(
            aws_request_id="request",
            get_remaining_time_in_millis=lambda: int(1000 * self.seconds),
        )


@dataclass
class World:
    """One account with one flow in it."""

    lambdas: Lambdas
    states: Any
    s3: Any
    store: JobStore
    machine: str
    films: str

    def admit(self, job_id: str = "video-1", **payload: Any) -> None:
        body = {"download_url": f"{self.films}/two.mp4"} | payload
        now = time.time()
        self.store.admit(
            JobRow(
                job_id=job_id,
                status=Status.QUEUED,
                tier=wiring.Tier.PREMIUM,
                job_type="homework_video_analysis",
                admitted_at=now,
                due_at=now + 3600,
                body_hash="x",
                payload=json.dumps(body),
            )
        )

    def start(self, job_id: str = "video-1", name: str | None = None) -> str:
        given = json.dumps({"job_id": job_id, "generation": 1})
        started = self.states.start_execution(
            stateMachineArn=self.machine, name=name or f"{job_id}-g1", input=given
        )
        return str(started["executionArn"])

    def wait(self, arn: str, seconds: float = 120) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.states.describe_execution(executionArn=arn)
            if found["status"] != "RUNNING":
                return dict(found)
            time.sleep(0.1)
        raise AssertionError("the flow did not end")

    def run(self, job_id: str = "video-1", **payload: Any) -> tuple[str, JobRow]:
        """Admit a job and play its flow; returns the flow's status and the job's row."""
        self.admit(job_id, **payload)
        status = str(self.wait(self.start(job_id))["status"])
        return status, self.row(job_id)

    def redefine(self, flow: dict[str, Any]) -> None:
        """Play another definition from now on."""
        self.states.update_state_machine(stateMachineArn=self.machine, definition=json.dumps(flow))

    def row(self, job_id: str = "video-1") -> JobRow:
        row = self.store.get(job_id)
        assert row is not None
        return row

    def result(self, job_id: str = "video-1") -> dict[str, Any]:
        return json.loads(self.row(job_id).result or "{}")

    def stored(self, prefix: str = "") -> list[str]:
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for item in found.get("Contents", [])]


def definition(timeouts: dict[str, int] | None = None) -> dict[str, Any]:
    """The flow as deployed, but with short pauses between tries."""
    text = FLOW.read_text(encoding="utf-8")
    for name in HANDLERS:
        arn = f"arn:aws:lambda:{REGION}:123456789012:function:{name}"
        text = text.replace(f"${{{name.capitalize()}Arn}}", arn)
    flow = yaml.safe_load(text)
    json_text = json.dumps(flow)
    json_text = json_text.replace('"IntervalSeconds": 2', '"IntervalSeconds": 1')
    json_text = json_text.replace('"BackoffRate": 2', '"BackoffRate": 1')
    short: dict[str, Any] = json.loads(json_text)
    for state, seconds in (timeouts or {}).items():
        short["States"][state]["TimeoutSeconds"] = seconds
    return short


@pytest.fixture
def lambdas(monkeypatch: pytest.MonkeyPatch) -> Lambdas:
    made = Lambdas()

    def invoke(
        self: Any, function_name: str, qualifier: Any, body: Any, headers: Any, response: Any
    ) -> bytes:
        return made.invoke(function_name, body, response)

    monkeypatch.setattr(LambdaSimpleBackend, "invoke", invoke)
    return made


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, lambdas: Lambdas, films: str) -> Iterator[World]:
    for name, value in {
        "JOBS_TABLE": "jobs",
        "RESULTS_BUCKET": BUCKET,
        "QUEUE_PREFIX": "test-",
        "ALLOW_HTTP_LOOPBACK": "true",
        "DOWNLOAD_HOSTS": "",
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_METRICS_DISABLED": "true",
        "STAGE_NAME": "dev",
    }.items():
        monkeypatch.setenv(name, value)
    config = {"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}}
    caches = (wiring.client, wiring.platform, wiring.store, wiring.files, wiring.telemetry)
    with mock_aws(config=config):
        for cache in caches:
            cache.cache_clear()
        yield _built(lambdas, films)
        lambdas.close()
    for cache in caches:
        cache.cache_clear()


def _built(lambdas: Lambdas, films: str) -> World:
    s3 = boto3.client("s3", REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    states = boto3.client("stepfunctions", REGION)
    machine = states.create_state_machine(
        name="flow",
        definition=json.dumps(definition()),
        roleArn="arn:aws:iam::123456789012:role/flow",
    )
    store = JobStore(create_jobs_table("jobs", REGION), time.time)
    return World(lambdas, states, s3, store, machine["stateMachineArn"], films)
