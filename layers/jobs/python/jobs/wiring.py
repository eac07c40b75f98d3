"""Composition: the parts built from the environment, each once per execution environment.

Nothing is built at import, so that a cold start pays for what its first event needs.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from pydantic import Json

from jobs import limits
from jobs.admission import Admission
from jobs.api import ApiClient
from jobs.cloud_workspace import cloud_workspace
from jobs.consumer import Consumer, Run
from jobs.contract.message import JobType, Tier
from jobs.delivery import Delivery, handle_batch
from jobs.download import DownloadPolicy
from jobs.drain import Drain, DrainTimes
from jobs.finalizer import Finalizer
from jobs.gpu_cluster import Cluster
from jobs.gpu_wake import GpuWake
from jobs.heart import Heart
from jobs.job_files import JobFiles
from jobs.notifier import Notifier
from jobs.pull import Puller
from jobs.pull_api import JobList
from jobs.queues import IngressQueues, Queues, work_queue
from jobs.row import JobRow
from jobs.secrets import secret
from jobs.settings import EnvSettings
from jobs.store import JobStore
from jobs.sweeper import Sweeper
from jobs.telemetry import CloudTelemetry
from jobs.tiers import GPU_QUEUE, GPU_TYPES

Handler = Callable[[Mapping[str, Any], Any], dict[str, Any]]


class PlatformSettings(EnvSettings):
    """What every function knows: the table, the bucket and how its queues are called."""

    jobs_table: str
    results_bucket: str
    queue_prefix: str


class IngressSettings(EnvSettings):
    """`ingress_queues` is JSON: the ARN of each ingress queue to its tier."""

    ingress_queues: Json[dict[str, Tier]]


class GpuSettings(EnvSettings):
    """`gpu_types` is a comma list of the job types that go to the GPU queue; none by default."""

    gpu_types: str = ""

    def queue_of(self, row: JobRow) -> str:
        """Name the queue an admitted row goes on."""
        chosen = {name.strip() for name in self.gpu_types.split(",")} & set(GPU_TYPES)
        gpu = row.tier == Tier.PREMIUM and row.job_type in chosen
        return GPU_QUEUE if gpu else work_queue(row)


class DrainSettings(EnvSettings):
    """Seconds, as `jobs.limits` explains them."""

    drain_poll: float = limits.DRAIN_POLL
    drain_job: float = limits.DRAIN_JOB
    drain_beat: float = limits.DRAIN_BEAT
    drain_hidden: float = limits.DRAIN_HIDDEN
    drain_grace: float = limits.DRAIN_GRACE


class GpuClusterSettings(EnvSettings):
    """Where drain tasks run; `gpu_subnets` is a comma list, `gpu_max_tasks` the most at a time."""

    gpu_cluster: str
    gpu_task_definition: str
    gpu_capacity_provider: str
    gpu_subnets: str
    gpu_security_group: str
    gpu_max_tasks: int = 1


class ApiSettings(EnvSettings):
    """The academy's API; the token is read from Secrets Manager when it is needed."""

    api_base_url: str
    worker_token_secret_arn: str
    worker_id: str = "academy-worker"


class PullSettings(EnvSettings):
    """`pull_tier` is the tier of fetched jobs that name none."""

    pull_tier: Tier = Tier.PREMIUM


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


def own_store() -> JobStore:
    """A table for one more thread: boto3's resources must not be shared between threads."""
    import boto3

    resource = boto3.session.Session().resource("dynamodb", config=_client_config())
    return JobStore(resource.Table(platform().jobs_table), time.time)


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


def drain(runs: Mapping[JobType, Run], stop: threading.Event) -> Drain:
    """The worker of the GPU queue, until `stop` is set."""
    settings = DrainSettings.load()
    # A poll is answered after its whole wait: the client that fails soon would give up before.
    polling = Queues(patient_client("sqs", settings.drain_poll), platform().queue_prefix)
    heart = Heart(
        own_store(), queues(), telemetry(), beat=settings.drain_beat, hidden=settings.drain_hidden
    )
    work = consumer(runs)
    work = replace(
        work, open_workspace=heart.around(work.open_workspace), queue_of=lambda row: GPU_QUEUE
    )
    times = DrainTimes(
        settings.drain_poll, settings.drain_job, settings.drain_hidden, settings.drain_grace
    )
    return Drain(GPU_QUEUE, polling, work.handle, heart, telemetry(), stop, times)


def gpu_wake() -> GpuWake:
    """The watch over the GPU queue."""
    settings = GpuClusterSettings.load()
    cluster = Cluster(
        client("ecs"),
        settings.gpu_cluster,
        settings.gpu_task_definition,
        settings.gpu_capacity_provider,
        [name.strip() for name in settings.gpu_subnets.split(",")],
        settings.gpu_security_group,
    )
    return GpuWake(cluster, store(), queues(), telemetry(), time.time, settings.gpu_max_tasks)


def admission() -> Admission:
    """The reader of ingress queues."""
    return Admission(
        tiers=IngressSettings.load().ingress_queues,
        store=store(),
        files=files(),
        queues=queues(),
        telemetry=telemetry(),
        clock=time.time,
        queue_of=GpuSettings.load().queue_of,
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


def puller() -> Puller:
    """The fetcher of the API's list of jobs."""
    settings = ApiSettings.load()
    arns = {tier: arn for arn, tier in IngressSettings.load().ingress_queues.items()}
    return Puller(
        jobs=JobList(
            settings.api_base_url,
            lambda fresh: secret(settings.worker_token_secret_arn, fresh=fresh),
            settings.worker_id,
        ),
        ingress=IngressQueues(client("sqs"), arns),
        set_aside=files().quarantine,
        tier=PullSettings.load().pull_tier,
        telemetry=telemetry(),
        sleep=time.sleep,
    )


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


def patient_client(service: str, seconds: float) -> Any:
    """A boto3 client that waits for answers `seconds` longer."""
    import boto3

    return boto3.client(service, config=_client_config(seconds))


def _client_config(longer: float = 0.0) -> Any:
    from botocore.config import Config

    return Config(
        connect_timeout=3,
        read_timeout=10 + longer,
        retries={"max_attempts": 3, "mode": "standard"},
    )
