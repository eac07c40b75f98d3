"""The whole spine on moto, with its real telemetry, and a server that answers secrets."""

import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from http.server import BaseHTTPRequestHandler
from typing import Any

import boto3

from jobs.admission import Admission
from jobs.api import ApiClient
from jobs.cloud_workspace import cloud_workspace
from jobs.consumer import Consumer
from jobs.contract.message import JobType, Tier
from jobs.delivery import handle_batch
from jobs.download import DownloadPolicy
from jobs.finalizer import Finalizer
from jobs.job_files import JobFiles
from jobs.notifier import Notifier
from jobs.queues import Queues
from jobs.store import JobStore
from jobs.telemetry import CloudTelemetry
from jobs.tiers import queue_name
from tests.attack.secret_scan import PLANTED
from tests.jobs_table import create_jobs_table

SIGNATURE, TOKEN, KEY, ANSWER = PLANTED.values()
REGION = "us-east-1"
QUEUES = ("ingress", "notify", queue_name(Tier.PREMIUM, JobType.OCR))
HELD_ON_PURPOSE = {"payload", "result"}


class Files(BaseHTTPRequestHandler):
    """A file server and the API in one: what it answers is the first part of the path."""

    posts: list[tuple[dict[str, str], dict[str, Any]]] = []
    verdicts: list[int] = []

    def do_GET(self) -> None:
        self.send_response(int(self.path.split("/")[1]), KEY)
        self.send_header("Location", f"https://evil.example/{SIGNATURE}")
        self.send_header("broken header without a colon", KEY)
        self.end_headers()
        self.wfile.write(ANSWER.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posts.append((dict(self.headers), json.loads(body)))
        self.send_response(self.verdicts.pop(0) if self.verdicts else 200)
        self.end_headers()
        self.wfile.write(f"{TOKEN} {ANSWER}".encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class Context:
    aws_request_id: str = "request-1"
    seconds: int = 60

    def get_remaining_time_in_millis(self) -> int:
        return 1000 * self.seconds


@dataclass
class World:
    """The whole spine on moto, with its real telemetry."""

    base: str
    clock: Callable[[], float] = time.time
    run: Callable[..., Any] = lambda payload, workspace: None
    context: Context = field(default_factory=Context)
    messages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sqs = boto3.client("sqs", REGION)
        self.urls = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
        boto3.client("s3", REGION).create_bucket(Bucket="bucket")
        self.table = create_jobs_table("jobs", REGION)
        self.s3 = boto3.client("s3", REGION)
        self.store = JobStore(self.table, self.clock)
        self.files = JobFiles(self.s3, "bucket")
        self.queues = Queues(self.sqs)
        self.rng = random.Random(1)

    @cached_property
    def telemetry(self) -> CloudTelemetry:
        """Made at its first use: a logger keeps the output it finds then, by its name."""
        return CloudTelemetry(f"test-{uuid.uuid4()}")

    def admission(self) -> Admission:
        tiers = {"arn:aws:sqs:us-east-1:1:ingress": Tier.PREMIUM}
        return Admission(tiers, self.store, self.files, self.queues, self.telemetry, self.clock)

    def consumer(self) -> Consumer:
        policy = DownloadPolicy(("allowed.example",), allow_http_loopback=True)
        return Consumer(
            runs={JobType.OCR: lambda payload, workspace: self.run(payload, workspace)},
            store=self.store,
            files=self.files,
            queues=self.queues,
            open_workspace=partial(
                cloud_workspace,
                files=self.files,
                policy=policy,
                telemetry=self.telemetry,
                clock=self.clock,
            ),
            telemetry=self.telemetry,
            clock=self.clock,
            rng=self.rng,
        )

    def notifier(self) -> Notifier:
        api = ApiClient(self.base, lambda fresh: TOKEN, "worker", self.clock)
        return Notifier(
            self.store, self.files, self.queues, api, self.telemetry, self.clock, self.rng
        )

    def finalizer(self) -> Finalizer:
        tiers = {"arn:aws:sqs:us-east-1:1:ingress": Tier.PREMIUM}
        return Finalizer(
            self.store,
            self.files,
            self.queues,
            self.admission(),
            tiers,
            self.telemetry,
            self.clock,
            self.rng,
        )

    def deliver(self, queue: str, handle: Callable[..., None], body: str, receives: int = 1) -> int:
        """Hand one message over as Lambda would; returns how many came back."""
        self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=body)
        got = self.sqs.receive_message(QueueUrl=self.urls[queue], AttributeNames=["All"])
        for message in got["Messages"]:
            self.messages.append(message["Body"] if queue != "ingress" else "")
            record = {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"] | {"ApproximateReceiveCount": str(receives)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-1:1:{queue}",
            }
            answer = handle_batch({"Records": [record]}, self.context, handle, self.telemetry)
        return len(answer["batchItemFailures"])

    def submit(self, job_id: str = "job", **payload: object) -> None:
        """Send a job; its link is signed and its source holds nothing secret."""
        body = {
            "job_id": job_id,
            "job_type": "ocr",
            "payload": {"download_url": f"{self.base}/200/a?{SIGNATURE}"} | payload,
            "source_id": "17",
        }
        self.deliver("ingress", self.admission().handle, json.dumps(body))

    def work(self, job_id: str = "job", receives: int = 1) -> int:
        pointer = json.dumps({"job_id": job_id, "generation": 1})
        self.sqs.purge_queue(QueueUrl=self.urls["premium-ocr"])
        return self.deliver("premium-ocr", self.consumer().handle, pointer, receives)

    def tell(self, job_id: str = "job") -> int:
        pointer = json.dumps({"job_id": job_id, "generation": 1})
        return self.deliver("notify", self.notifier().handle, pointer)

    def row(self, job_id: str = "job") -> dict[str, Any]:
        return dict(self.table.get_item(Key={"job_id": job_id})["Item"])

    def written(self) -> dict[str, str]:
        """Everything the run has left behind that must hold no secret."""
        rows = [
            {name: value for name, value in row.items() if name not in HELD_ON_PURPOSE}
            for row in self.table.scan()["Items"]
        ]
        stored = self.s3.list_objects_v2(Bucket="bucket").get("Contents", [])
        told = [
            {name: value for name, value in body.items() if name != "result"}
            for _, body in Files.posts
        ]
        return {
            "rows": repr(rows),
            "file names": repr([item["Key"] for item in stored]),
            "messages": repr(self.messages),
            "posts": json.dumps(told),
        }
