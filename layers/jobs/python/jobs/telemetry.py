"""Metrics and logs: every metric the project emits, by name, and lines without content.

A metric is one line of CloudWatch's embedded metric format on standard output (Powertools), so
it costs no call. A log line holds ids, codes and numbers; never a URL's query, a secret, or what
a student wrote.

Every metric has the dimension `service`, the stack's name, so that two stacks of one account do
not add up.
"""

import traceback
from enum import StrEnum
from typing import Protocol

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from jobs.contract.message import JobType
from jobs.outcome import Failed, Outcome
from jobs.row import JobRow

NAMESPACE = "AcademyWorker"


class Metric(StrEnum):
    """Every metric by its CloudWatch name; times in milliseconds, sizes in bytes, else counts."""

    ADMITTED = "Admitted"
    DUPLICATE = "Duplicate"
    CONFLICT = "Conflict"
    QUARANTINED = "Quarantined"
    DONE = "Done"
    FAILED = "Failed"
    RETRIED = "Retried"
    CRASHED = "Crashed"
    DEFERRED = "Deferred"
    ORPHANED = "Orphaned"
    LEASE_LOST = "LeaseLost"
    QUEUE_WAIT = "QueueWaitMs"
    RUN_TIME = "RunMs"
    NOTIFIED = "Notified"
    NOTIFY_LAG = "NotifyLagMs"
    NOTIFY_RETRIED = "NotifyRetried"
    UNAUTHORIZED = "NotifyUnauthorized"
    REJECTED = "NotifyRejected"
    RESCUED = "Rescued"
    DOWNLOAD_BYTES = "DownloadBytes"


_UNITS = {
    Metric.QUEUE_WAIT: MetricUnit.Milliseconds,
    Metric.RUN_TIME: MetricUnit.Milliseconds,
    Metric.NOTIFY_LAG: MetricUnit.Milliseconds,
    Metric.DOWNLOAD_BYTES: MetricUnit.Bytes,
}


CODED = frozenset({Metric.FAILED, Metric.RETRIED})
"""Metrics that also have the dimension `Code`: an error code of `faults.Code`."""

ALARMING = frozenset(
    {
        Metric.DONE,
        Metric.FAILED,
        Metric.CRASHED,
        Metric.CONFLICT,
        Metric.ORPHANED,
        Metric.QUARANTINED,
        Metric.NOTIFY_RETRIED,
        Metric.UNAUTHORIZED,
        Metric.REJECTED,
        Metric.RESCUED,
    }
)
"""Metrics emitted by `service` alone as well: an alarm cannot add up over tiers by search."""


def dimension_sets(metric: Metric) -> list[list[str]]:
    """Every set of dimensions a metric is emitted under, the narrowest first."""
    narrow = ["service", "Tier", "JobType", *(["Code"] if metric in CODED else [])]
    return [narrow, *([["service"]] if metric in ALARMING else [])]


def known(job_type: str) -> str:
    """A job type as a dimension: what a producer made up is `unknown`, each a paid metric else."""
    return job_type if job_type in ("", "none", *JobType) else "unknown"


class Telemetry(Protocol):
    """Where counts and lines go."""

    def count(
        self, metric: Metric, tier: str, job_type: str, value: float = 1, code: str = ""
    ) -> None:
        """Emit one value; `code` belongs to the metrics of `CODED` and to no other."""
        ...

    def line(self, event: str, **fields: str | float | None) -> None:
        """Write one log line of ids, codes and numbers."""
        ...

    def fault(self, event: str, error: BaseException, **fields: str | float | None) -> None:
        """Write what went wrong: the error's class and place, never its text."""
        ...


class CloudTelemetry:
    """Standard output, read by CloudWatch; `service` names the stack."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._logger = Logger(service=service)

    def count(
        self, metric: Metric, tier: str, job_type: str, value: float = 1, code: str = ""
    ) -> None:
        """Emit one line of embedded metric format."""
        given = {"service": self._service, "Tier": tier, "JobType": known(job_type), "Code": code}
        unit = _UNITS.get(metric, MetricUnit.Count)
        narrow, *wider = dimension_sets(metric)
        one = EphemeralMetrics(namespace=NAMESPACE)
        one.add_metric(name=metric, unit=unit, value=value)
        for name in narrow:
            one.add_dimension(name=name, value=given[name] or "none")
        for names in wider:
            one.add_dimensions(**{name: given[name] for name in names})
        one.flush_metrics()

    def line(self, event: str, **fields: str | float | None) -> None:
        """Write an INFO line."""
        self._logger.info(event, extra=dict(fields))

    def fault(self, event: str, error: BaseException, **fields: str | float | None) -> None:
        """Write an ERROR line with the class of the error and the innermost frame."""
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        self._logger.error(event, extra=dict(fields) | {"error": type(error).__name__, "at": where})


def tell_ended(
    telemetry: Telemetry, row: JobRow, outcome: Outcome, seconds: float | None = None
) -> None:
    """Count a job's end, and the `seconds` its last attempt ran if one did; write its line."""
    if seconds is not None:
        telemetry.count(Metric.RUN_TIME, row.tier, row.job_type, 1000 * max(0.0, seconds))
    code = outcome.code if isinstance(outcome, Failed) else ""
    metric = Metric.FAILED if code else Metric.DONE
    telemetry.count(metric, row.tier, row.job_type, code=code)
    telemetry.line(
        "ended", job_id=row.job_id, tier=row.tier, attempt=row.attempt, code=code or None
    )
