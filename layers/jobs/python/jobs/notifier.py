"""Deliver an ended job to the API, for as many days as the API needs."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from jobs import limits
from jobs.api import Answer, Verdict
from jobs.backoff import notify_delay
from jobs.contract.message import ApiResult, WorkMessage
from jobs.delivery import Delivery, Keep
from jobs.job_files import JobFiles
from jobs.queues import Queues
from jobs.row import JobRow, Notify
from jobs.store import JobStore, compact_json
from jobs.telemetry import Metric, Telemetry


class Api(Protocol):
    """Whatever takes an outcome."""

    def post(self, body: ApiResult) -> Answer:
        """Deliver one outcome."""
        ...


@dataclass(frozen=True, slots=True)
class Notifier:
    """Works off the notify queue."""

    store: JobStore
    files: JobFiles
    queues: Queues
    api: Api
    telemetry: Telemetry
    clock: Callable[[], float]
    rng: random.Random

    def handle(self, delivery: Delivery) -> None:
        """Post the outcome, or raise `Keep` to try again later."""
        message = WorkMessage.model_validate_json(delivery.body)
        row = self.store.get(message.job_id)
        if row is None or row.notify is not Notify.PENDING:
            return
        if row.generation != message.generation:
            return
        answer = self.api.post(self._body(row))
        match answer.verdict:
            case Verdict.SENT:
                if self._mark(row, Notify.SENT, Metric.NOTIFIED):
                    lag = 1000 * (self.clock() - (row.finished_at or self.clock()))
                    self.telemetry.count(Metric.NOTIFY_LAG, row.tier, row.job_type, max(0.0, lag))
            case Verdict.REJECTED:
                self._mark(row, Notify.REJECTED, Metric.REJECTED)
                self.telemetry.line("rejected", job_id=row.job_id, status=answer.status)
            case _:
                self._later(row, answer, delivery)

    def _later(self, row: JobRow, answer: Answer, delivery: Delivery) -> None:
        refused = answer.verdict is Verdict.UNAUTHORIZED
        metric = Metric.UNAUTHORIZED if refused else Metric.NOTIFY_RETRIED
        self.telemetry.count(metric, row.tier, row.job_type)
        delay = notify_delay(delivery.receive_count, answer.retry_after, self.rng)
        self.queues.hide(delivery.queue_arn, delivery.receipt_handle, delay)
        raise Keep(f"{row.job_id}: the API answered {answer.status}")

    def _mark(self, row: JobRow, how: Notify, metric: Metric) -> bool:
        """Record and count a delivery; False where another delivery did it before."""
        first = self.store.mark_notified(row.job_id, row.generation, how)
        if first:
            self.telemetry.count(metric, row.tier, row.job_type)
        return first

    def _body(self, row: JobRow) -> ApiResult:
        result = self.files.load_result(row)
        large = (
            result is not None
            and row.result_ref is not None
            and len(compact_json(result).encode()) > limits.NOTIFY_INLINE_BYTES
        )
        return ApiResult(
            job_id=row.job_id,
            submission_id=submission_id(row.source_id),
            status="done" if row.error_code is None else "failed",
            result=None if large else result,
            error=row.error_message,
            error_code=row.error_code,
            result_url=self.files.link(row.result_ref) if large and row.result_ref else None,
            generation=row.generation,
        )


def submission_id(source_id: str | None) -> int | None:
    """Read a submission's number (at most 18 ASCII digits, so 64 bits) out of `source_id`."""
    if not source_id or len(source_id) > 18 or not source_id.isascii() or not source_id.isdigit():
        return None
    return int(source_id)
