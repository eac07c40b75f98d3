"""SQS batches: one place that acknowledges.

A record is acknowledged when its handler returns, and kept when it raises; nothing else in the
project decides that. Duplicated, empty or unknown identifiers never appear in the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from jobs.telemetry import Metric, Telemetry


class Keep(Exception):
    """Do not acknowledge this message: it must come back."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One receipt of one message; `seconds_left` tells the time this invocation still has."""

    message_id: str
    body: str
    receive_count: int
    receipt_handle: str
    queue_arn: str
    sent_at: float
    owner: str
    seconds_left: Callable[[], float]
    dead_letter_source: str = ""


def handle_batch(
    event: Mapping[str, Any],
    context: Any,
    handle: Callable[[Delivery], None],
    telemetry: Telemetry,
) -> dict[str, Any]:
    """Hand every record to `handle`; returns the partial batch response of Lambda."""

    def one(record: SQSRecord) -> None:
        try:
            handle(_delivery(record, context))
        except Keep:
            raise
        except Exception as error:
            telemetry.fault("kept", error, message_id=record.message_id)
            telemetry.count(Metric.CRASHED, "none", "none")
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = process_partial_response(
        event=dict(event), record_handler=one, processor=processor, context=context
    )
    return dict(answer)


def _delivery(record: SQSRecord, context: Any) -> Delivery:
    attributes = record.raw_event.get("attributes", {})
    return Delivery(
        message_id=record.message_id,
        body=record.body,
        receive_count=int(attributes.get("ApproximateReceiveCount", 1)),
        receipt_handle=record.receipt_handle,
        queue_arn=record.event_source_arn,
        sent_at=int(attributes.get("SentTimestamp", 0)) / 1000,
        owner=str(context.aws_request_id),
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
        dead_letter_source=attributes.get("DeadLetterQueueSourceArn", ""),
    )
