"""The whole system on virtual time: the project's own code on simulated services."""

import io
import json
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from faults import Code, Permanent, Transient, Unavailable
from jobs import limits
from jobs.admission import Admission
from jobs.consumer import Consumer
from jobs.contract.message import JobType, Tier
from jobs.contract.ocr import OcrPayload, OcrResult
from jobs.delivery import handle_batch
from jobs.finalizer import Finalizer
from jobs.job_files import JobFiles
from jobs.notifier import Notifier
from jobs.outbox import forward_ended
from jobs.queues import Queues
from jobs.redrive import redrive
from jobs.row import JobRow, Notify
from jobs.store import JobStore
from jobs.sweeper import Sweeper
from jobs.telemetry import Metric
from jobs.workspace import FileKind, Workspace
from tests.jobs_table import create_jobs_table
from tests.protocol.harness.api_stub import ApiStub
from tests.protocol.harness.expectations import broken_expectations
from tests.protocol.harness.history import READ_BY, History, violations
from tests.protocol.harness.memory_table import MemoryTable
from tests.protocol.harness.schedule import Behaviour, JobPlan, Kind, Schedule
from tests.protocol.harness.sim_queues import ARN, Queue, SimSqs
from tests.protocol.harness.sim_table import Image, SimTable, typed
from tests.protocol.harness.simulation import Crash, CrashPoints, Simulation

BUCKET = "results"
SWEEP_EVERY = 300.0
HORIZON = 8 * 86400.0
"""s of virtual time; longer than the longest outage plus the longest deadline."""


class CountingTelemetry:
    """Counts metrics by name."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def count(
        self, metric: Metric, tier: str, job_type: str, value: float = 1, code: str = ""
    ) -> None:
        self.counts[metric] = self.counts.get(metric, 0) + 1

    def line(self, event: str, **fields: str | float | None) -> None: ...

    def fault(self, event: str, error: BaseException, **fields: str | float | None) -> None: ...


class SimWorkspace:
    """Nothing to fetch; the job id is in the payload's URL."""

    def fetch(self, url: str, kind: FileKind) -> Path:
        raise NotImplementedError

    def put(self, name: str, data: bytes, content_type: str) -> str:
        return name

    def remaining(self) -> float:
        return 60.0


class SimS3:
    """A bucket in memory beside which a process may die: seams `put_object:before:n`, `:after:n`.

    `tests/unit/jobs/test_job_files.py` plays the same calls on moto.
    """

    def __init__(self, points: CrashPoints) -> None:
        self._points = points
        self._objects: dict[str, bytes] = {}

    def put_object(self, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        self._points.pass_by("put_object", after=False)
        self._objects[Key] = Body
        self._points.pass_by("put_object", after=True)

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self._objects[Key])}


class World:
    """One schedule played to its end; the classes let a test plant broken parts.

    `table` is a boto3 Table (moto), None for the fast one in memory. `telemetry` gets every count.
    """

    def __init__(
        self,
        schedule: Schedule,
        *,
        store_class: type[JobStore] = JobStore,
        consumer_class: type[Consumer] = Consumer,
        admission_class: type[Admission] = Admission,
        notifier_class: type[Notifier] = Notifier,
        sweeper_class: type[Sweeper] = Sweeper,
        finalizer_class: type[Finalizer] = Finalizer,
        forward: Callable[..., Any] = forward_ended,
        table: Any = None,
        telemetry: CountingTelemetry | None = None,
    ) -> None:
        self.schedule = schedule
        self.rng = random.Random(schedule.seed)
        self.simulation = Simulation()
        self.started = self.simulation.now
        self.history = History()
        self.telemetry = telemetry or CountingTelemetry()
        self.plans: dict[str, JobPlan] = {}
        points = CrashPoints(schedule.crash_points)
        self.table = SimTable(
            table or MemoryTable(), self.simulation, schedule.faults, self.rng, points
        )
        self.table.on_write = self._on_write
        self.sqs = SimSqs(self.simulation, schedule.faults, self.rng, points)
        self.api = ApiStub(self.simulation, schedule.outages, schedule.faults, self.rng)
        store = store_class(self.table, self.simulation.clock)
        files = JobFiles(SimS3(points), BUCKET, self.simulation.clock)
        queues = Queues(self.sqs)
        clock = self.simulation.clock
        self.store = store
        self.queues = queues
        self.consumer = consumer_class(
            {JobType.OCR: self._run},
            store,
            files,
            queues,
            _open_workspace,
            self.telemetry,
            clock,
            self.rng,
        )
        ingress = {f"{ARN}{tier}-ingress": tier for tier in Tier}
        self.admission = admission_class(ingress, store, files, queues, self.telemetry, clock)
        self.notifier = notifier_class(
            store, files, queues, self.api, self.telemetry, clock, self.rng
        )
        self.finalizer = finalizer_class(
            store, files, queues, self.admission, ingress, self.telemetry, clock, self.rng
        )
        self._forward = forward
        self.sweeper = sweeper_class(store, queues, self.telemetry, clock)
        self._add_queues()

    def play(self) -> list[str]:
        """Run to the end of the horizon; returns the broken promises."""
        for index, plan in enumerate(self.schedule.jobs):
            self._produce(f"job-{index}", plan)
        end = self.started + HORIZON
        next_sweep = self.started + SWEEP_EVERY
        while next_sweep < end:
            self.simulation.run(next_sweep)
            if self._settled():
                break
            if any(at <= next_sweep for at in self.table.check_at.values()):
                self.simulation.spawn(self._sweep)
            next_sweep += SWEEP_EVERY
        return [
            *violations(self.history, self.table.rows(), self.api),
            *([] if self.schedule.faults.skew else self.history.overlaps),
            *self._orphans(),
            *self._forgotten(),
            *(broken_expectations(self) if self.schedule.calm else []),
        ]

    def _orphans(self) -> list[str]:
        """Work messages that came before their row."""
        orphans = self.telemetry.counts.get(Metric.ORPHANED, 0)
        return [f"{orphans} work messages without a row"] if orphans else []

    def _forgotten(self) -> list[str]:
        """Messages with an id that left no row."""
        known = {row.job_id for row in self.table.rows()}
        return [
            f"{job_id} left no trace"
            for job_id, plan in self.plans.items()
            if plan.kind not in (Kind.NOT_JSON, Kind.NO_ID) and job_id not in known
        ]

    def _settled(self) -> bool:
        return self.simulation.idle and all(
            row.terminal and row.notify is not Notify.PENDING for row in self.table.rows()
        )

    def _sweep(self) -> None:
        with suppress(Exception):  # a failed sweep is made good by the next one
            self.sweeper.sweep()

    def _produce(self, job_id: str, plan: JobPlan) -> None:
        self.plans[job_id] = plan
        sends = [(plan.sent_after, body_of(job_id, plan))]
        if plan.sent_twice:
            sends.append((plan.sent_after + 1.0, body_of(job_id, plan)))
        if plan.other_body_after is not None and plan.kind is Kind.GOOD:
            sends.append(
                (plan.sent_after + 0.5 + plan.other_body_after, body_of(job_id, plan, "x"))
            )
        if plan.redriven_after is not None:
            self.simulation.at(
                self.started + plan.redriven_after,
                lambda: self.simulation.spawn(lambda: self._redrive(job_id)),
            )
        pointer = json.dumps({"job_id": job_id})
        for after in self.schedule.early_letters:
            self.simulation.at(
                self.started + after, lambda: self._send_reliably("work-dlq", pointer)
            )
        for after, body in sends:
            self.simulation.at(
                self.started + after,
                lambda body=body: self._send_reliably(f"{plan.tier}-ingress", body),
            )

    def _redrive(self, job_id: str) -> None:
        """What the operator's command does."""
        try:
            redrive(self.store, self.queues, job_id)
        except ClientError:
            return  # the operator sees the error and may try again

    def _send_reliably(self, queue: str, body: str) -> None:
        """The producer's own send is not under test: it arrives."""
        calm, self.sqs.calm = self.sqs.calm, True
        self.sqs.send_message(queue, body)
        self.sqs.calm = calm

    def _run(self, payload: OcrPayload, workspace: Workspace) -> OcrResult:
        job_id = payload.download_url.rsplit("/", 1)[1]
        row = self.table.row(job_id)
        with self.history.running(row, self.simulation.now):
            return self._read(job_id, row.attempt)

    def _read(self, job_id: str, attempt: int) -> OcrResult:
        plan = self.plans[job_id]
        self.history.executions[job_id] = count = self.history.executions.get(job_id, 0) + 1
        self.simulation.pause(plan.duration)
        passed = self.simulation.now - self.started
        match plan.behaviour:
            case Behaviour.PERMANENT:
                raise Permanent(Code.IMAGE_UNREADABLE, "not a picture")
            case Behaviour.TRANSIENT_TWICE if count <= 2:
                raise Transient(Code.DOWNLOAD_TIMEOUT, "slow")
            case Behaviour.ALWAYS_TRANSIENT:
                raise Transient(Code.DOWNLOAD_TIMEOUT, "slow")
            case Behaviour.POISON:
                raise Crash
            case Behaviour.CRASHES_ONCE if count == 1:
                raise Crash
            case Behaviour.STALLS if count == 1:
                self.simulation.pause(500.0)
            case Behaviour.ZOMBIE if count <= 2:
                self.simulation.pause(self.rng.choice([80.0, 200.0, 500.0]))
            case Behaviour.PROVIDER_DOWN_1H if passed < 3600:
                raise Unavailable("provider", "down", self.rng.choice([None, 120.0]))
            case Behaviour.PROVIDER_DOWN_FOREVER:
                raise Unavailable("provider", "down", 900.0)
        text = f"{READ_BY}{attempt}\n"
        if plan.behaviour is Behaviour.LARGE:
            text += "가" * limits.INLINE_BYTES
        return OcrResult(text=text, confidence=0.9, engine="simulated")

    def _on_write(self, old: Image | None, new: Image) -> None:
        self.history.record(JobRow.from_item(new))
        if new.get("notify") == Notify.PENDING:
            self._stream(old, new)

    def _stream(self, old: Image | None, new: Image) -> None:
        record = {
            "dynamodb": {
                "SequenceNumber": str(len(self.history.writes)),
                "NewImage": typed(new),
                **({"OldImage": typed(old)} if old else {}),
            }
        }
        times = 2 if self.rng.random() < self.schedule.faults.replay else 1
        for _ in range(times):
            self.simulation.at(
                self.simulation.now + self.rng.uniform(0.1, 3.0),
                lambda: self.simulation.spawn(
                    lambda: self._forward({"Records": [record]}, self.queues)
                ),
            )

    def _add_queues(self) -> None:
        add = self.sqs.add
        for tier in Tier:
            add(
                Queue(
                    f"{tier}-ingress",
                    180.0,
                    limits.INGRESS_MAX_RECEIVE,
                    "ingress-dlq",
                    self._handler(self.admission.handle),
                    batch=10,
                    timeout=30.0,
                )
            )
            outlives = any(plan.behaviour is Behaviour.ZOMBIE for plan in self.schedule.jobs)
            add(
                Queue(
                    f"{tier}-ocr",
                    360.0,
                    limits.WORK_MAX_RECEIVE,
                    "work-dlq",
                    self._handler(self.consumer.handle),
                    outlives_timeout=outlives,
                )
            )
        for name in ("ingress-dlq", "work-dlq"):
            add(Queue(name, 180.0, handler=self._handler(self.finalizer.handle), timeout=30.0))
        add(
            Queue(
                "notify",
                180.0,
                limits.NOTIFY_MAX_RECEIVE,
                "notify-dlq",
                self._handler(self.notifier.handle),
                timeout=30.0,
            )
        )
        add(Queue("notify-dlq"))

    def _handler(self, handle: Callable[[Any], None]) -> Callable[[dict[str, Any], Any], Any]:
        return lambda event, context: handle_batch(event, context, handle, self.telemetry)


@contextmanager
def _open_workspace(row: JobRow, deadline: float) -> Iterator[Workspace]:
    yield SimWorkspace()


def body_of(job_id: str, plan: JobPlan, mark: str = "") -> str:
    """The message of a job as the producer sends it; `mark` makes it another body."""
    message: dict[str, Any] = {
        "job_id": job_id,
        "job_type": "ocr",
        "tier": plan.tier.value,
        "source_id": "17",
        "payload": {"download_url": f"https://files.example/{job_id}"}
        | ({"m": mark} if mark else {}),
    }
    match plan.kind:
        case Kind.UNKNOWN_TYPE:
            message["job_type"] = "telepathy"
        case Kind.TIER_FORBIDDEN:
            message["job_type"] = "embedding" if plan.tier is not Tier.PREMIUM else "none"
        case Kind.TIER_MISMATCH:
            message["tier"] = "lite" if plan.tier is not Tier.LITE else "premium"
        case Kind.BAD_PAYLOAD:
            message["payload"] = {"download_url": 7}
        case Kind.NO_ID:
            del message["job_id"]
        case Kind.NOT_JSON:
            return "{not json"
    return json.dumps(message)


def moto_table() -> Any:
    """A table as the template declares it, on moto; one for each world."""
    return create_jobs_table(f"jobs-{uuid.uuid4().hex}", "us-east-1")
