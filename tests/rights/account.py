"""One account on moto with the stack's queues, table, bucket, secrets and flow in it."""

import importlib
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import boto3
from aws_lambda_powertools.utilities.parameters.base import DEFAULT_PROVIDERS

from jobs import wiring
from jobs.contract.message import JobType, Tier
from jobs.job_files import JobFiles
from jobs.row import JobRow, Status
from jobs.store import JobStore
from jobs.tiers import queue_name
from tests.jobs_table import create_jobs_table
from tests.rights.roles import REGION, STACK, arns, queue_arns

CACHES = (
    *(wiring.client, wiring.platform, wiring.store, wiring.files, wiring.queues),
    wiring.telemetry,
)
GOLDEN = Path(__file__).parents[2] / "events" / "jobs"
PAYLOADS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8"))["payload"]
    for file in GOLDEN.glob("*.json")
    if file.stem in list(JobType)
}
"""Job type -> the payload of its golden event."""
LINK = {"download_url": "https://files.example/x"}


class Account:
    """Admin's clients, and the handlers' environment.

    `answers` are the API's by method; `brief` lets readers work for one of their tiers only.
    """

    def __init__(self, api_url: str, answers: dict[str, int]) -> None:
        self.api_url, self.answers = api_url, answers
        self.brief = False
        self._ids = itertools.count()
        self.sqs = boto3.client("sqs", REGION)
        self.s3 = boto3.client("s3", REGION)
        self.s3.create_bucket(
            Bucket="results", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        for arn in queue_arns().values():
            self.sqs.create_queue(QueueName=arn.rsplit(":", 1)[-1])
        create_jobs_table("jobs", REGION)
        self.files = JobFiles(self.s3, "results")
        self.store = JobStore(boto3.resource("dynamodb", REGION).Table("jobs"), time.time)
        secrets = boto3.client("secretsmanager", REGION)
        self.secrets = {
            name: secrets.create_secret(Name=name, SecretString=text)["ARN"]
            for name, text in {"token": "t", "openai": "k", "google": "{}"}.items()
        }
        states = boto3.client("stepfunctions", REGION)
        definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
        self.flow = states.create_state_machine(
            name="flow",
            definition=json.dumps(definition),
            roleArn="arn:aws:iam::123456789012:role/flow",
        )["stateMachineArn"]

    @cached_property
    def known(self) -> dict[str, str]:
        """What the template's references stand for here."""
        return arns(
            WorkerTokenSecretArn=self.secrets["token"],
            OpenAiSecretArn=self.secrets["openai"],
            GoogleSecretArn=self.secrets["google"],
            VideoFlow=self.flow,
        )

    def environment(self) -> dict[str, str]:
        """The variables of all functions together."""
        queues = queue_arns()
        return {
            "JOBS_TABLE": "jobs",
            "RESULTS_BUCKET": "results",
            "QUEUE_PREFIX": f"{STACK}-",
            "STAGE_NAME": "dev",
            "POWERTOOLS_METRICS_DISABLED": "true",
            "INGRESS_QUEUES": json.dumps(
                {queues[f"{tier.title()}IngressQueue"]: tier for tier in Tier}
            ),
            "API_BASE_URL": self.api_url,
            "WORKER_TOKEN_SECRET_ARN": self.secrets["token"],
            "OPENAI_SECRET_ARN": self.secrets["openai"],
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
            "GOOGLE_SECRET_ARN": self.secrets["google"],
            "VIDEO_FLOW_ARN": self.flow,
            "EMBEDDING_BACKEND": "openai",
            "OCR_ENGINE": "google",
        }

    def fresh(self, module: str) -> Any:
        """A function's module as a cold start has it, with nothing kept from before."""
        self.forget()
        return importlib.reload(importlib.import_module(module))

    def forget(self) -> None:
        """Drop clients and secrets that were kept."""
        for cache in CACHES:
            cache.cache_clear()
        DEFAULT_PROVIDERS.clear()

    def admit(self, job_type: str, tier: Tier, **fields: Any) -> JobRow:
        """A row as `admit` leaves it, its payload in the bucket."""
        job_id = f"job-{next(self._ids)}"
        inline, ref = self.files.keep_payload(job_id, PAYLOADS.get(job_type, LINK))
        now = time.time()
        given: dict[str, Any] = {"admitted_at": now, "due_at": now + 3600.0} | fields
        row = JobRow(
            job_id, Status.QUEUED, tier, job_type, body_hash="h", payload=inline, payload_ref=ref,
            **given,
        )  # fmt: skip
        self.store.admit(row)
        return row

    def event(self, queue: str, body: str, **attributes: str) -> dict[str, Any]:
        """A message of a queue as Lambda hands it on, really received."""
        url = self.sqs.get_queue_url(QueueName=f"{STACK}-{queue}")["QueueUrl"]
        self.sqs.send_message(QueueUrl=url, MessageBody=body)
        [message] = self.sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)["Messages"]
        arn = f"arn:aws:sqs:{REGION}:123456789012:{STACK}-{queue}"
        return {
            "Records": [
                {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": body,
                    "attributes": {
                        "ApproximateReceiveCount": "1",
                        "SentTimestamp": "0",
                        **attributes,
                    },
                    "messageAttributes": {},
                    "eventSource": "aws:sqs",
                    "eventSourceARN": arn,
                    "awsRegion": REGION,
                }
            ]
        }

    def work(self, job_type: JobType, tier: Tier) -> dict[str, Any]:
        """A work message of a new job."""
        row = self.admit(job_type.value, tier)
        return self.event(queue_name(tier, job_type), json.dumps({"job_id": row.job_id}))


CONTEXT: Any = SimpleNamespace(
    aws_request_id="request", get_remaining_time_in_millis=lambda: 60_000
)


def call(handler: Callable[[Mapping[str, Any], Any], Any], event: Mapping[str, Any]) -> None:
    """Call a handler as Lambda does: whatever it raises ends this invocation, not the test."""
    with suppress(Exception):
        handler(event, CONTEXT)


@contextmanager
def api(answers: dict[str, int]) -> Iterator[str]:
    """An API on loopback that answers by method, with jobs to pull; yields its URL."""
    waiting = itertools.cycle([*Tier, None])

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            tier = next(waiting) if "/job/next/" in self.path else None
            body = json.dumps({"job": tier and {"job_id": "p", "job_type": "ocr", "tier": tier}})
            self.send_response(answers[self.command])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = _answer

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
