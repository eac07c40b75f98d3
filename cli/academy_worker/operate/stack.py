"""A deployed stack as an operator sees it: its table, queues and bucket, found by its outputs."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from academy_worker.embedded.engine import REGION, ROOT_KEY
from academy_worker.embedded.system import NotRunning, System
from jobs.job_files import JobFiles
from jobs.queues import Queues
from jobs.store import JobStore

STACK_VARIABLE = "ACADEMY_STACK"
TABLE, BUCKET = "JobsTableName", "ResultsBucketName"
"""Outputs of the template."""

INGRESS = "IngressQueueArn"
"""End of the parameters that name a tier's queue of another stack, after the tier."""


class StackError(RuntimeError):
    """The stack cannot be reached; the message says what to set."""


@dataclass(frozen=True, slots=True)
class Stack:
    """`connect` gives a boto3 client by service, `tables` the DynamoDB resource.

    `secrets` are the ARNs the stack was deployed with, by parameter; `imported` the ARNs of
    tier queues that are not its own, by tier.
    """

    name: str
    outputs: dict[str, str]
    secrets: dict[str, str]
    connect: Callable[[str], Any]
    tables: Callable[[], Any]
    imported: Mapping[str, str] = field(default_factory=dict)

    @property
    def bucket(self) -> str:
        """The bucket of results and of quarantined messages."""
        return self.outputs[BUCKET]

    @property
    def table_name(self) -> str:
        """The jobs table."""
        return self.outputs[TABLE]

    def store(self) -> JobStore:
        """The jobs table through its conditional writes."""
        return JobStore(self.tables().Table(self.table_name), time.time)

    def queues(self) -> Queues:
        """The stack's queues by name."""
        return Queues(self.connect("sqs"), f"{self.name}-")

    def files(self) -> JobFiles:
        """The stack's bucket."""
        return JobFiles(self.connect("s3"), self.bucket, time.time)

    def send(self, tier: str, body: str) -> None:
        """Put a message where the API puts a tier's."""
        sqs = self.connect("sqs")
        arn = self.imported.get(tier)
        name = arn.rsplit(":", 1)[-1] if arn else f"{self.name}-{tier}-ingress"
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], MessageBody=body)

    def queue_names(self) -> list[str]:
        """Names of all queues of the stack, less the stack's name; sorted."""
        pages = self.connect("sqs").get_paginator("list_queues")
        prefix = f"{self.name}-"
        found = [
            url.rsplit("/", 1)[-1].removeprefix(prefix)
            for page in pages.paginate(QueueNamePrefix=prefix)
            for url in page.get("QueueUrls", [])
        ]
        return sorted(found)


def find_stack(name: str, profile: str, region: str, endpoint: str) -> Stack:
    """Find a stack as the AWS command line would; without a name, the demo that is up.

    Who may not read CloudFormation sets JOBS_TABLE, RESULTS_BUCKET and, for `doctor`,
    WORKER_TOKEN_SECRET_ARN, as the functions have them. Raises `StackError`.
    """
    name = name or os.environ.get(STACK_VARIABLE, "")
    if not name:
        return _demo()
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        session = boto3.Session(profile_name=profile or None, region_name=region or None)

        def connect(service: str) -> Any:
            return session.client(service, endpoint_url=endpoint or None)

        def tables() -> Any:
            return session.resource("dynamodb", endpoint_url=endpoint or None)

        named = _named_by_environment()
        if named is not None:
            return Stack(name, *named, connect, tables)
        found = connect("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"stack {name}: {error}; check --stack, --profile and --region") from None
    outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
    if TABLE not in outputs:
        raise StackError(f"stack {name} is not one of this application: no output {TABLE}")
    given = {
        item["ParameterKey"]: item["ParameterValue"]
        for item in found.get("Parameters", [])
        if item.get("ParameterValue")
    }
    secrets = {key: value for key, value in given.items() if key.endswith("SecretArn")}
    imported = {
        key.removesuffix(INGRESS).lower(): value
        for key, value in given.items()
        if key.endswith(INGRESS)
    }
    return Stack(name, outputs, secrets, connect, tables, imported)


def _named_by_environment() -> tuple[dict[str, str], dict[str, str]] | None:
    table, bucket = os.environ.get("JOBS_TABLE"), os.environ.get("RESULTS_BUCKET")
    if not (table and bucket):
        return None
    token = os.environ.get("WORKER_TOKEN_SECRET_ARN")
    return {TABLE: table, BUCKET: bucket}, {"WorkerTokenSecretArn": token} if token else {}


def _demo() -> Stack:
    import boto3

    try:
        system = System.load()
    except NotRunning as error:
        raise StackError(f"{error}; or name a stack: --stack or {STACK_VARIABLE}") from None

    def tables() -> Any:
        return boto3.resource(
            "dynamodb",
            endpoint_url=system.engine.url,
            region_name=REGION,
            aws_access_key_id=ROOT_KEY,
            aws_secret_access_key=ROOT_KEY,
        )

    deployed = system.deployment
    return Stack(deployed.stack, deployed.outputs, {}, system.engine.client, tables)
