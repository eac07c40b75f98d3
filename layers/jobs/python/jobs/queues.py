"""The queues by name, and the few things done to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.contract.message import JobType, Tier, WorkMessage
from jobs.row import JobRow
from jobs.tiers import queue_name

MAX_VISIBILITY = 43_200
"""s; SQS hides a message for 12 h at most."""

BATCH = 10
"""Messages in one SendMessageBatch."""


class Queues:
    """`sqs` is a boto3 SQS client; `prefix` stands before each name, like `academy-lite-ocr`."""

    def __init__(self, sqs: Any, prefix: str = "") -> None:
        self._sqs = sqs
        self._prefix = prefix
        self._urls: dict[str, str] = {}

    def send(self, queue: str, message: WorkMessage, delay: float = 0) -> None:
        """Send a message, visible after `delay` seconds (0-900)."""
        self._sqs.send_message(
            QueueUrl=self._url(self._prefix + queue),
            MessageBody=message.model_dump_json(),
            DelaySeconds=int(delay),
        )

    def send_many(self, queue: str, messages: Sequence[WorkMessage]) -> set[int]:
        """Send at most ten messages in one call; returns the positions that were not taken."""
        answer = self._sqs.send_message_batch(
            QueueUrl=self._url(self._prefix + queue),
            Entries=[
                {"Id": str(index), "MessageBody": message.model_dump_json()}
                for index, message in enumerate(messages)
            ],
        )
        return {int(item["Id"]) for item in answer.get("Failed", [])}

    def hide(self, queue_arn: str, receipt_handle: str, seconds: float) -> None:
        """Keep a received message away for that long before it comes back."""
        self._sqs.change_message_visibility(
            QueueUrl=self._url(queue_arn.rsplit(":", 1)[-1]),
            ReceiptHandle=receipt_handle,
            VisibilityTimeout=max(0, min(MAX_VISIBILITY, round(seconds))),
        )

    def receive(self, queue: str, wait: float, hidden: float) -> dict[str, Any] | None:
        """Wait up to `wait` seconds (0-20) for one message, then hidden for `hidden` seconds.

        Returns boto3's message with its receive count and time of sending, None for no message.
        """
        answer = self._sqs.receive_message(
            QueueUrl=self._url(self._prefix + queue),
            MaxNumberOfMessages=1,
            WaitTimeSeconds=round(wait),
            VisibilityTimeout=round(hidden),
            AttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
        return next(iter(answer.get("Messages", [])), None)

    def delete(self, queue: str, receipt_handle: str) -> None:
        """Acknowledge a received message."""
        self._sqs.delete_message(
            QueueUrl=self._url(self._prefix + queue), ReceiptHandle=receipt_handle
        )

    def backlog(self, queue: str) -> int:
        """About how many messages wait on a queue; those in someone's hands not counted."""
        name = "ApproximateNumberOfMessages"
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._url(self._prefix + queue), AttributeNames=[name]
        )
        return int(answer["Attributes"][name])

    def arn(self, queue: str) -> str:
        """Stand-in of a queue's ARN that `hide` takes: its last part is the queue's name."""
        return f"arn:aws:sqs:::{self._prefix}{queue}"

    def _url(self, name: str) -> str:
        if name not in self._urls:
            self._urls[name] = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        return self._urls[name]


def work_queue(row: JobRow) -> str:
    """Name the work queue a row belongs on."""
    return queue_name(row.tier, JobType(row.job_type))


def pointer(row: JobRow) -> WorkMessage:
    """Point at a row: the row is the truth, the message only says where to look."""
    return WorkMessage(job_id=row.job_id, generation=row.generation)


class IngressQueues:
    """The tiers' queues as a sender sees them; `arns` gives each tier's, imported ones included."""

    def __init__(self, sqs: Any, arns: Mapping[Tier, str]) -> None:
        self._sqs = sqs
        self._names = {tier: arn.rsplit(":", 1)[-1] for tier, arn in arns.items()}
        self._urls: dict[Tier, str] = {}

    def check(self) -> None:
        """Look every queue up. Raises what SQS raises."""
        for tier, name in self._names.items():
            if tier not in self._urls:
                self._urls[tier] = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def put(self, tier: Tier, body: str) -> None:
        """Send a message as the API would."""
        self._sqs.send_message(QueueUrl=self._urls[tier], MessageBody=body)
