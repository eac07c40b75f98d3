"""Composition: the parts built from the environment, each once per execution environment.

Nothing is built at import, so that a cold start pays for what its first event needs.
"""

import random
import time
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from pydantic import Json

from jobs.admission import Admission
from jobs.api import ApiClient
from jobs.cloud_workspace import cloud_workspace
from jobs.consumer import Consumer, Run
from jobs.contract.message import JobType, Tier
from jobs.delivery import Delivery, handle_batch
from jobs.download import DownloadPolicy
from jobs.finalizer import Finalizer
from jobs.job_files import JobFiles
from jobs.notifier import Notifier
from jobs.queues import Queues
from jobs.secrets import secret
from jobs.settings import EnvSettings
from jobs.store import JobStore
from jobs.sweeper import Sweeper
from jobs.telemetry import CloudTelemetry

Handler = Callable[[Mapping[str, Any], Any], dict[str, Any]]


class PlatformSettings(EnvSettings):
    """What every function knows: the table, the bucket and how its queues are called."""

    jobs_table: str
    results_bucket: str
    queue_prefix: str


class IngressSettings(EnvSettings):
    """`ingress_queues` is JSON: the ARN of each ingress queue to its tier."""

    ingress_queues: Json[dict[str, Tier]]


class ApiSettings(EnvSettings):
    """The academy's API; the token is read from Secrets Manager when it is needed."""

    api_base_url: str
    worker_token_secret_arn: str
    worker_id: str = "academy-worker"


class DownloadSettings(EnvSettings):
    """`download_hosts` is a comma list of host suffixes; none allows none."""

    download_hosts: str = ""
    allow_http_loopback: bool = False

    def policy(self) -> DownloadPolicy:
        """The policy these settings stand for."""
        hosts = tuple(host.strip() for host in self.download_hosts.split(",") if host.strip())
        return DownloadPolicy(hosts, allow_http_loopback=self.allow_http_loopback)


class TelemetrySettings(EnvSettings):
    """`powertools_service_name` is the stack's name; it goes into every metric and line."""

    powertools_service_name: str = "academy-worker"


@lru_cache
def client(service: str) -> Any:
    """A boto3 client that fails soon: the queue is the retry."""
    import boto3

    return boto3.client(service, config=_client_config())


@lru_cache
def platform() -> PlatformSettings:
    """The settings every function needs."""
    return PlatformSettings.load()


@lru_cache
def store() -> JobStore:
    """The jobs table."""
    import boto3

    table = boto3.resource("dynamodb", config=_client_config()).Table(platform().jobs_table)
    return JobStore(table, time.time)


@lru_cache
def files() -> JobFiles:
    """The results bucket."""
    return JobFiles(client("s3"), platform().results_bucket)


@lru_cache
def queues() -> Queues:
    """The queues of this stack."""
    return Queues(client("sqs"), platform().queue_prefix)


@lru_cache
def telemetry() -> CloudTelemetry:
    """Metrics and logs to standard output."""
    return CloudTelemetry(TelemetrySettings.load().powertools_service_name)


def job_handler(job_type: JobType, run: Run) -> Handler:
    """The Lambda handler of one job type's work queues."""
    return batch_handler(lambda: consumer({job_type: run}).handle)


def batch_handler(build: Callable[[], Callable[[Delivery], None]]) -> Handler:
    """A Lambda handler of SQS batches; `build` runs at the first event."""
    built = lru_cache(build)

    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        return handle_batch(event, context, built(), telemetry())

    return handler


def consumer(runs: Mapping[JobType, Run]) -> Consumer:
    """The consumer of work queues."""
    policy = DownloadSettings.load().policy()
    return Consumer(
        runs=runs,
        store=store(),
        files=files(),
        queues=queues(),
        open_workspace=partial(
            cloud_workspace,
            files=files(),
            policy=policy,
            telemetry=telemetry(),
            clock=time.time,
        ),
        telemetry=telemetry(),
        clock=time.time,
        rng=random.Random(),
    )


def admission() -> Admission:
    """The reader of ingress queues."""
    return Admission(
        tiers=IngressSettings.load().ingress_queues,
        store=store(),
        files=files(),
        queues=queues(),
        telemetry=telemetry(),
        clock=time.time,
    )


def notifier() -> Notifier:
    """The deliverer to the API."""
    settings = ApiSettings.load()
    api = ApiClient(
        settings.api_base_url,
        lambda fresh: secret(settings.worker_token_secret_arn, fresh=fresh),
        settings.worker_id,
        time.time,
    )
    return Notifier(store(), files(), queues(), api, telemetry(), time.time, random.Random())


def finalizer() -> Finalizer:
    """The reader of dead letters."""
    return Finalizer(
        store=store(),
        files=files(),
        queues=queues(),
        admission=admission(),
        ingress=IngressSettings.load().ingress_queues,
        telemetry=telemetry(),
        clock=time.time,
        rng=random.Random(),
    )


def sweeper() -> Sweeper:
    """The watch over open jobs."""
    return Sweeper(store(), queues(), telemetry(), time.time)


def _client_config() -> Any:
    from botocore.config import Config

    return Config(
        connect_timeout=3,
        read_timeout=10,
        retries={"max_attempts": 3, "mode": "standard"},
    )
