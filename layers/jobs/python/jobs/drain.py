"""A queue worked off by one long-lived process: receive, run, acknowledge, stop in order.

Claims, retries and ends are the consumer's, the same as in Lambda. Only what Lambda does around
them is done here: polling, the deadline of a job, acknowledging, and going away.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from jobs import limits
from jobs.backoff import retry_delay
from jobs.delivery import Delivery, Keep
from jobs.heart import Heart
from jobs.queues import Queues
from jobs.telemetry import Metric, Telemetry

_LOOK = 0.1
"""s between two looks at the job in hand, so that a request to stop is heard while it runs."""


class Ended(StrEnum):
    """Why a drain ended."""

    IDLE = "idle"
    """The queue stayed empty."""
    STOPPED = "stopped"
    """Asked to stop; no job was in hand any more."""
    RELEASED = "released"
    """Asked to stop; the job in hand took too long and was given back."""
    STUCK = "stuck"
    """The job in hand outlived its time: the process must die, its message comes back."""


@dataclass(frozen=True, slots=True)
class DrainTimes:
    """Seconds: of one poll, of one job, a message is hidden at first, and of grace at a stop."""

    poll: float = limits.DRAIN_POLL
    job: float = limits.DRAIN_JOB
    hidden: float = limits.DRAIN_HIDDEN
    grace: float = limits.DRAIN_GRACE


@dataclass(slots=True)
class Drain:
    """Hands the messages of `queue` to `handle`, one at a time; `stop` is set to end it."""

    queue: str
    queues: Queues
    handle: Callable[[Delivery], None]
    heart: Heart
    telemetry: Telemetry
    stop: threading.Event
    times: DrainTimes = DrainTimes()
    clock: Callable[[], float] = time.monotonic
    rng: random.Random = field(default_factory=random.Random)

    def run(self) -> Ended:
        """Work until the queue stays empty or `stop` is set. Raises what receiving raises."""
        empty = 0
        while not self.stop.is_set():
            message = self.queues.receive(self.queue, self.times.poll, self.times.hidden)
            if message is None:
                empty += 1
                if empty == limits.DRAIN_EMPTY_POLLS:
                    return Ended.IDLE
                continue
            empty = 0
            ended = self._work(self._delivery(message))
            if ended is not None:
                return ended
        return Ended.STOPPED

    def _work(self, delivery: Delivery) -> Ended | None:
        """Run one job in a thread of its own, so that this one can hear and count the time."""
        self.heart.take(delivery)
        if self.stop.is_set():
            self._give_back(delivery)
            return Ended.STOPPED
        worker = threading.Thread(target=self._one, args=(delivery,), daemon=True, name="job")
        worker.start()
        stopping_since: float | None = None
        while worker.is_alive():
            worker.join(_LOOK)
            if self.stop.is_set() and stopping_since is None:
                stopping_since = self.clock()
            if stopping_since is not None and self.clock() - stopping_since > self.times.grace:
                self._give_back(delivery)
                return Ended.RELEASED
            if delivery.seconds_left() < -limits.LEASE_MARGIN:
                return Ended.STUCK
        return None

    def _give_back(self, delivery: Delivery) -> None:
        try:
            self.heart.let_go()
        except Exception as error:  # it comes back by itself, only later
            self.telemetry.fault("not_given_back", error, message_id=delivery.message_id)

    def _one(self, delivery: Delivery) -> None:
        """Handle and acknowledge; what is not acknowledged comes back."""
        try:
            self.handle(delivery)
            self.queues.delete(self.queue, delivery.receipt_handle)
        except Keep:
            return
        except ValidationError as error:
            # No wait makes an unreadable message readable: soon on to the dead letters with it.
            self._kept(delivery, error, 0.0)
        except Exception as error:
            self._kept(delivery, error, retry_delay(delivery.receive_count, self.rng))

    def _kept(self, delivery: Delivery, error: Exception, delay: float) -> None:
        self.telemetry.fault("kept", error, message_id=delivery.message_id)
        self.telemetry.count(Metric.CRASHED, "none", "none")
        try:
            self.queues.hide(delivery.queue_arn, delivery.receipt_handle, delay)
        except Exception as second:  # it comes back by itself, only later
            self.telemetry.fault("not_hidden", second, message_id=delivery.message_id)

    def _delivery(self, message: dict[str, Any]) -> Delivery:
        ends = self.clock() + self.times.job
        attributes = message.get("Attributes", {})
        return Delivery(
            message_id=message["MessageId"],
            body=message["Body"],
            receive_count=int(attributes.get("ApproximateReceiveCount", 1)),
            receipt_handle=message["ReceiptHandle"],
            queue_arn=self.queues.arn(self.queue),
            sent_at=int(attributes.get("SentTimestamp", 0)) / 1000,
            owner=f"drain-{uuid4()}",
            seconds_left=lambda: ends - self.clock(),
        )
