"""The end of the line: dead letters and failed flows become failed jobs that the API hears of."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from faults import Code, Permanent
from jobs.admission import Admission
from jobs.contract.message import Tier, WorkMessage
from jobs.delivery import Delivery, Keep
from jobs.job_files import JobFiles
from jobs.outcome import Failed
from jobs.queues import Queues
from jobs.row import JobRow
from jobs.store import JobStore
from jobs.telemetry import Metric, Telemetry, tell_ended

EXHAUSTED = Failed(
    Code.RETRIES_EXHAUSTED, "every try ended without an answer; submit it again or look at it"
)
FLOW_FAILED = Failed(
    Code.FLOW_FAILED, "the video flow was stopped or ran out of time; submit it again"
)


@dataclass(frozen=True, slots=True)
class Finalizer:
    """Works off the dead-letter queues and the queue of ended flows.

    `ingress` maps the ARN of each ingress queue to its tier, to record what `admit` could not.
    """

    store: JobStore
    files: JobFiles
    queues: Queues
    admission: Admission
    ingress: Mapping[str, Tier]
    telemetry: Telemetry
    clock: Callable[[], float]
    rng: random.Random

    def handle(self, delivery: Delivery) -> None:
        """End the job a dead letter or an ended flow speaks of, or quarantine the letter."""
        if (tier := self.ingress.get(delivery.dead_letter_source)) is not None:
            fault = Permanent(EXHAUSTED.code, EXHAUSTED.message)
            self.admission.record_failed(tier, delivery, fault)
            return
        if (flow := _ended_flow(delivery.body)) is not None:
            self._exhaust(flow.message, FLOW_FAILED, delivery, dead=flow.execution_arn)
            return
        try:
            message = WorkMessage.model_validate_json(delivery.body)
        except ValidationError:
            self._quarantine(delivery)
            return
        self._exhaust(message, EXHAUSTED, delivery)

    def _exhaust(
        self, message: WorkMessage, failure: Failed, delivery: Delivery, dead: str = ""
    ) -> None:
        try:
            standing = self.store.exhaust(
                message.job_id, failure, generation=message.generation, dead=dead
            )
        except KeyError:
            self._quarantine(delivery)
            return
        if standing is None:
            self._count(message.job_id, failure)
        elif standing.leased(self.clock()) and not dead:
            self._later(standing, delivery)

    def _later(self, row: JobRow, delivery: Delivery) -> None:
        """Somebody works on it: look again when the lease has run out."""
        wait = (row.lease_until or 0.0) - self.clock() + self.rng.uniform(1.0, 5.0)
        self.queues.hide(delivery.queue_arn, delivery.receipt_handle, wait)
        raise Keep(f"{row.job_id} is being worked on")

    def _count(self, job_id: str, failure: Failed) -> None:
        row = self.store.get(job_id)
        if row is not None:
            tell_ended(self.telemetry, row, failure)

    def _quarantine(self, delivery: Delivery) -> None:
        self.files.quarantine(delivery.body, Code.MESSAGE_INVALID.value)
        self.telemetry.count(Metric.QUARANTINED, "none", "none")
        self.telemetry.line("quarantined", message_id=delivery.message_id)


@dataclass(frozen=True, slots=True)
class _EndedFlow:
    message: WorkMessage
    execution_arn: str


def _ended_flow(body: str) -> _EndedFlow | None:
    """Read an EventBridge "Step Functions Execution Status Change"; None for anything else."""
    try:
        detail: Any = json.loads(body).get("detail")
        given = detail["input"]
        message = WorkMessage.model_validate(json.loads(given) if isinstance(given, str) else given)
        return _EndedFlow(message, str(detail["executionArn"]))
    except (ValueError, AttributeError, KeyError, TypeError):
        return None
