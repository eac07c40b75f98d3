"""What lies in the dead letter queues and in quarantine, and the way back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from academy_worker.operate.stack import Stack
from jobs.outbox import NOTIFY_QUEUE

NOTIFY_DLQ = "notify-dlq"

_PEEK_SECONDS = 5
"""How long a message that was looked at stays hidden."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter without its content; `sent_at` in epoch seconds."""

    queue: str
    message_id: str
    job_id: str
    sent_at: float
    receives: int


def depths(stack: Stack) -> dict[str, int]:
    """About how many messages wait on each queue of the stack."""
    queues = stack.queues()
    return {name: queues.backlog(name) for name in stack.queue_names()}


def letters(stack: Stack, queue: str, limit: int) -> Iterator[Letter]:
    """Look at up to `limit` letters of a queue and leave them there."""
    sqs, url = stack.connect("sqs"), _url(stack, queue)
    seen: set[str] = set()
    while len(seen) < limit:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(10, limit - len(seen)),
            VisibilityTimeout=_PEEK_SECONDS,
            AttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
        )
        fresh = [m for m in answer.get("Messages", []) if m["MessageId"] not in seen]
        if not fresh:
            return
        for message in fresh:
            seen.add(message["MessageId"])
            yield _letter(queue, message)


def retell(stack: Stack, limit: int) -> Iterator[str]:
    """Send letters of the notify DLQ to the notify queue again; yields the jobs' ids.

    A letter is deleted after it was sent: a crash in between tells a job twice under one key.
    """
    sqs = stack.connect("sqs")
    source, target = _url(stack, NOTIFY_DLQ), _url(stack, NOTIFY_QUEUE)
    for _ in range(limit):
        answer = sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=1, VisibilityTimeout=60)
        if not answer.get("Messages"):
            return
        message = answer["Messages"][0]
        sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
        sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        yield _job_of(message["Body"])


def quarantined(stack: Stack, limit: int) -> list[str]:
    """Keys below quarantine/, the latest days first; each names its day and its reason."""
    pages = stack.connect("s3").get_paginator("list_objects_v2")
    keys = [
        str(item["Key"])
        for page in pages.paginate(Bucket=stack.bucket, Prefix="quarantine/")
        for item in page.get("Contents", [])
    ]
    return sorted(keys, reverse=True)[:limit]


def _letter(queue: str, message: dict[str, Any]) -> Letter:
    attributes = message.get("Attributes", {})
    return Letter(
        queue,
        message["MessageId"],
        _job_of(message["Body"]),
        int(attributes.get("SentTimestamp", 0)) / 1000,
        int(attributes.get("ApproximateReceiveCount", 0)),
    )


def _job_of(body: str) -> str:
    """The job a letter speaks of; empty where it names none that could be one."""
    try:
        named = json.loads(body)["job_id"]
    except (ValueError, TypeError, KeyError):
        return ""
    return named[:200] if isinstance(named, str) and named.isprintable() else ""


def _url(stack: Stack, queue: str) -> str:
    return str(stack.connect("sqs").get_queue_url(QueueName=f"{stack.name}-{queue}")["QueueUrl"])
