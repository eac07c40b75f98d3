"""SQS and its event source mappings in virtual time: visibility, counts, redrive, duplicates."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.protocol.harness.schedule import Faults
from tests.protocol.harness.simulation import CrashPoints, Simulation

ARN = "arn:aws:sqs:ap-northeast-2:123456789012:"

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass
class Message:
    message_id: str
    body: str
    sent_at: float
    visible_at: float
    receives: int = 0
    source_arn: str = ""


@dataclass
class Context:
    """What Lambda hands a handler."""

    aws_request_id: str
    ends_at: float
    clock: Callable[[], float]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(1000 * (self.ends_at - self.clock())))


@dataclass
class Queue:
    name: str
    visibility: float = 360.0
    max_receive: int = 5
    dead_letters: str | None = None
    handler: Handler | None = None
    batch: int = 1
    concurrency: int = 2
    timeout: float = 60.0
    outlives_timeout: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    running: int = 0


class SimSqs:
    """The part of boto3's SQS client that the project uses, over queues that drive handlers."""

    def __init__(
        self,
        simulation: Simulation,
        faults: Faults,
        rng: random.Random,
        crash_points: CrashPoints,
    ) -> None:
        self._crash_points = crash_points
        self._simulation = simulation
        self._faults = faults
        self._rng = rng
        self._ids = itertools.count()
        self.queues: dict[str, Queue] = {}
        self.calm = False

    def add(self, queue: Queue) -> None:
        self.queues[queue.name] = queue

    def get_queue_url(self, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": QueueName}

    def send_message(self, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> None:
        if not self.calm:
            self._crash_points.pass_by("send", after=False)
            if self._rng.random() < self._faults.loss:
                return
        now = self._simulation.now
        message = Message(f"m{next(self._ids)}", MessageBody, now, now + DelaySeconds)
        self._place(self.queues[QueueUrl], message)
        if not self.calm:
            self._crash_points.pass_by("send", after=True)

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        for entry in Entries:
            self.send_message(QueueUrl, entry["MessageBody"], entry.get("DelaySeconds", 0))
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def change_message_visibility(
        self, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int
    ) -> None:
        queue = self.queues[QueueUrl]
        message = queue.messages.get(ReceiptHandle)
        if message is not None:
            message.visible_at = self._simulation.now + VisibilityTimeout
            self._wake(queue, message.visible_at)

    def place(self, queue: str, message: Message) -> None:
        """Put a message on a queue as it is."""
        self._place(self.queues[queue], message)

    def _place(self, queue: Queue, message: Message) -> None:
        queue.messages[message.message_id] = message
        self._wake(queue, message.visible_at)

    def _wake(self, queue: Queue, when: float) -> None:
        self._simulation.at(when, lambda: self._poll(queue))

    def _poll(self, queue: Queue) -> None:
        while queue.handler is not None and queue.running < queue.concurrency:
            batch = self._receive(queue)
            if not batch:
                return
            self._invoke(queue, batch)
            if not self.calm and self._rng.random() < self._faults.duplicate:
                self._invoke(queue, batch)

    def _receive(self, queue: Queue) -> list[Message]:
        now = self._simulation.now
        batch: list[Message] = []
        for message in list(queue.messages.values()):
            if message.visible_at > now or len(batch) == queue.batch:
                continue
            if queue.dead_letters and message.receives >= queue.max_receive:
                del queue.messages[message.message_id]
                dead = self.queues[queue.dead_letters]
                self._place(
                    dead,
                    Message(
                        message.message_id, message.body, message.sent_at, now, 0, ARN + queue.name
                    ),
                )
                continue
            message.receives += 1
            message.visible_at = now + queue.visibility
            self._wake(queue, message.visible_at)
            batch.append(message)
        return batch

    def _invoke(self, queue: Queue, batch: list[Message]) -> None:
        event = {"Records": [_record(queue, message) for message in batch]}
        queue.running += 1
        started = self._simulation.now
        skew = self._rng.uniform(-1, 1) * self._faults.skew
        context = Context(
            f"r{next(self._ids)}", started + queue.timeout, lambda: self._simulation.now
        )

        def body() -> None:
            try:
                answer = queue.handler(event, context)
            finally:
                queue.running -= 1
                self._wake(queue, self._simulation.now)
            failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
            for message in batch:
                if message.message_id not in failed:
                    queue.messages.pop(message.message_id, None)

        dies_at = 1e18 if queue.outlives_timeout else started + queue.timeout
        self._simulation.spawn(body, skew=skew, dies_at=dies_at)


def _record(queue: Queue, message: Message) -> dict[str, Any]:
    return {
        "messageId": message.message_id,
        "receiptHandle": message.message_id,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(max(1, message.receives)),
            "SentTimestamp": str(int(message.sent_at * 1000)),
            **({"DeadLetterQueueSourceArn": message.source_arn} if message.source_arn else {}),
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN + queue.name,
        "awsRegion": "ap-northeast-2",
    }
