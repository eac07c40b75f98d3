"""What AWS does and the embedded engine does not: proved on the code that meets it."""

from types import SimpleNamespace
from typing import Any

import pytest

from jobs.contract.message import WorkMessage
from jobs.delivery import Delivery, Keep, handle_batch
from jobs.outbox import NOTIFY_QUEUE, forward_ended

CONTEXT = SimpleNamespace(aws_request_id="r1", get_remaining_time_in_millis=lambda: 30_000)


class Silence:
    """Telemetry that keeps the names of events."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def count(self, *args: Any, **fields: Any) -> None:
        self.events.append(str(args[0]))

    def line(self, event: str, **fields: Any) -> None:
        self.events.append(event)

    def fault(self, event: str, error: BaseException, **fields: Any) -> None:
        self.events.append(event)


class Sent:
    """Queues that keep what is sent and refuse the jobs they are told to."""

    def __init__(self, refused: frozenset[str] = frozenset()) -> None:
        self.messages: list[WorkMessage] = []
        self._refused = refused

    def send_many(self, queue: str, messages: list[WorkMessage]) -> set[int]:
        assert queue == NOTIFY_QUEUE
        assert len(messages) <= 10
        self.messages += [one for one in messages if one.job_id not in self._refused]
        return {at for at, one in enumerate(messages) if one.job_id in self._refused}


def sqs_event(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "0"},
                "eventSourceARN": "arn:aws:sqs:ap-northeast-2:1:q",
            }
            for number, body in enumerate(bodies)
        ]
    }


def stream_record(job_id: str, sequence: int, kind: str = "MODIFY") -> dict[str, Any]:
    image = {"job_id": {"S": job_id}, "notify": {"S": "pending"}, "generation": {"N": "1"}}
    images = {"OldImage": image} if kind == "REMOVE" else {"NewImage": image}
    return {"eventName": kind, "dynamodb": {"SequenceNumber": str(sequence)} | images}


@pytest.mark.parametrize(
    ("bodies", "kept"),
    [
        (("ok", "ok"), []),
        (("ok", "keep", "ok", "crash"), ["m1", "m3"]),
        (("keep", "crash"), ["m0", "m1"]),
    ],
)
def test_a_batch_answer_names_exactly_the_messages_that_must_come_back(
    bodies: tuple[str, ...], kept: list[str]
) -> None:
    """AWS retries the whole batch on an unknown or empty name; the engine deletes it."""

    def handle(delivery: Delivery) -> None:
        if delivery.body == "keep":
            raise Keep("later")
        if delivery.body == "crash":
            raise ZeroDivisionError

    answer = handle_batch(sqs_event(*bodies), CONTEXT, handle, Silence())

    assert answer == {"batchItemFailures": [{"itemIdentifier": name} for name in kept]}


def test_a_row_deleted_by_its_time_to_live_tells_nobody() -> None:
    """AWS streams a REMOVE for it; the engine streams nothing."""
    queues = Sent()

    answer = forward_ended({"Records": [stream_record("gone", 1, "REMOVE")]}, queues)

    assert (answer, queues.messages) == ({"batchItemFailures": []}, [])


def test_a_refused_send_starts_the_stream_again_at_its_record() -> None:
    """A throttled SendMessageBatch, which the engine never does."""
    records = [stream_record(f"j{number}", number) for number in range(25)]
    queues = Sent(refused=frozenset({"j17"}))

    answer = forward_ended({"Records": records}, queues)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "17"}]}
    assert {one.job_id for one in queues.messages} >= {f"j{number}" for number in range(17)}
