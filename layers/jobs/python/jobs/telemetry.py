"""Metrics and logs: every metric the project emits, by name, and lines without content.

A metric is one line of CloudWatch's embedded metric format on standard output (Powertools), so
it costs no call. A log line holds ids, codes and numbers; never a URL's query, a secret, or what
a student wrote.
"""

import traceback
from enum import StrEnum
from typing import Protocol

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

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


class Telemetry(Protocol):
    """Where counts and lines go."""

    def count(
        self, metric: Metric, tier: str, job_type: str, value: float = 1, code: str = ""
    ) -> None:
        """Emit one value under the dimensions Tier and JobType, and Code for failures."""
        ...

    def line(self, event: str, **fields: str | float | None) -> None:
        """Write one log line of ids, codes and numbers."""
        ...

    def fault(self, event: str, error: BaseException, **fields: str | float | None) -> None:
        """Write what went wrong: the error's class and place, never its text."""
        ...


class CloudTelemetry:
    """Standard output, read by CloudWatch."""

    def __init__(self, service: str) -> None:
        self._logger = Logger(service=service)

    def count(
        self, metric: Metric, tier: str, job_type: str, value: float = 1, code: str = ""
    ) -> None:
        """Emit one line of embedded metric format."""
        unit = _UNITS.get(metric, MetricUnit.Count)
        with single_metric(name=metric, unit=unit, value=value, namespace=NAMESPACE) as single:
            single.add_dimension(name="Tier", value=tier or "none")
            single.add_dimension(name="JobType", value=job_type or "none")
            if code:
                single.add_dimension(name="Code", value=code)

    def line(self, event: str, **fields: str | float | None) -> None:
        """Write an INFO line."""
        self._logger.info(event, extra=dict(fields))

    def fault(self, event: str, error: BaseException, **fields: str | float | None) -> None:
        """Write an ERROR line with the class of the error and the innermost frame."""
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        self._logger.error(event, extra=dict(fields) | {"error": type(error).__name__, "at": where})
