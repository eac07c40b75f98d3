"""From the table's stream to the notify queue: the row that ended is its own outbox."""

from collections.abc import Mapping
from typing import Any

from jobs.contract.message import WorkMessage
from jobs.queues import BATCH, Queues
from jobs.row import Notify

NOTIFY_QUEUE = "notify"


def forward_ended(event: Mapping[str, Any], queues: Queues) -> dict[str, Any]:
    """Send a pointer for every stream record whose row ended and was not told yet.

    Returns Lambda's partial batch response for streams: on a refused send, the sequence number
    of the first record not forwarded; Lambda starts again there, and repeats are harmless.
    """
    ended = [
        (record["dynamodb"]["SequenceNumber"], message)
        for record in event["Records"]
        if (message := _ended(record)) is not None
    ]
    for start in range(0, len(ended), BATCH):
        part = ended[start : start + BATCH]
        refused = queues.send_many(NOTIFY_QUEUE, [message for _, message in part])
        if refused:
            return {"batchItemFailures": [{"itemIdentifier": part[min(refused)][0]}]}
    return {"batchItemFailures": []}


def _ended(record: Mapping[str, Any]) -> WorkMessage | None:
    new = record["dynamodb"].get("NewImage", {})
    old = record["dynamodb"].get("OldImage", {})
    if _text(new, "notify") != Notify.PENDING:
        return None
    generation = int(new.get("generation", {}).get("N", 1))
    if _text(old, "notify") == Notify.PENDING and generation == int(
        old.get("generation", {}).get("N", 1)
    ):
        return None
    return WorkMessage(job_id=new["job_id"]["S"], generation=generation)


def _text(image: Mapping[str, Any], name: str) -> str:
    return str(image.get(name, {}).get("S", ""))
