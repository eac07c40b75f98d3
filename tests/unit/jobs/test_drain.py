"""The drain loop over a queue and a table in memory: ends, heartbeats, stops, poison."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from faults import LeaseLost
from jobs import limits
from jobs.contract.message import Tier, WorkMessage
from jobs.delivery import Delivery, Keep
from jobs.drain import Drain, DrainTimes, Ended
from jobs.heart import Heart
from jobs.row import JobRow, Status
from jobs.telemetry import Metric

QUICK = DrainTimes(poll=0, job=30, hidden=60, grace=0.3)


@dataclass
class FakeQueues:
    """One queue: what waits, what was hidden for how long, what was acknowledged."""

    waiting: list[str] = field(default_factory=list)
    hidden: list[float] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    polls: int = 0
    at_poll: Callable[[int], None] = lambda poll: None

    def receive(self, queue: str, wait: float, hidden: float) -> dict[str, Any] | None:
        self.polls += 1
        self.at_poll(self.polls)
        if not self.waiting:
            return None
        body = self.waiting.pop(0)
        counts = {"ApproximateReceiveCount": "2", "SentTimestamp": "1000"}
        return {"MessageId": "m", "Body": body, "ReceiptHandle": body, "Attributes": counts}

    def hide(self, queue_arn: str, receipt_handle: str, seconds: float) -> None:
        self.hidden.append(seconds)

    def delete(self, queue: str, receipt_handle: str) -> None:
        self.deleted.append(receipt_handle)

    def arn(self, queue: str) -> str:
        return queue


@dataclass
class FakeStore:
    """Renewals and releases of one row; `taken_over` makes the claim another's."""

    renewed: int = 0
    released: int = 0
    taken_over: bool = False
    down: bool = False

    def renew(self, job_id: str, attempt: int, lease: float) -> None:
        if self.taken_over:
            raise LeaseLost(job_id)
        self.renewed += 1
        if self.down:
            raise ConnectionError

    def release(self, job_id: str, attempt: int) -> None:
        if self.taken_over:
            raise LeaseLost(job_id)
        self.released += 1


@dataclass
class Told:
    """Telemetry that remembers the events of its lines."""

    events: list[str] = field(default_factory=list)

    def count(
        self, metric: Metric, tier: str, job_type: str, value: float = 1, code: str = ""
    ) -> None:
        return

    def line(self, event: str, **fields: str | float | None) -> None:
        self.events.append(event)

    def fault(self, event: str, error: BaseException, **fields: str | float | None) -> None:
        self.events.append(event)


ROW = JobRow(
    job_id="j",
    status=Status.PROCESSING,
    tier=Tier.PREMIUM,
    job_type="embedding",
    admitted_at=0.0,
    due_at=1.0,
    body_hash="h",
    attempt=3,
)


class Bench:
    """A drain whose jobs are functions of the delivery."""

    def __init__(
        self, *waiting: str, times: DrainTimes = QUICK, handle: Callable[[Delivery], None]
    ) -> None:
        self.queues = FakeQueues(list(waiting))
        self.store = FakeStore()
        self.told = Told()
        self.stop = threading.Event()
        self.heart = Heart(self.store, self.queues, self.told, beat=0.02, hidden=60)  # type: ignore[arg-type]
        self.drain = Drain(
            "premium-gpu",
            self.queues,  # type: ignore[arg-type]
            handle,
            self.heart,
            self.told,
            self.stop,
            times,
        )

    def run(self) -> Ended:
        return self.drain.run()

    def at_work(self) -> Any:
        """The heart around a claimed row, as the consumer opens it."""

        @contextmanager
        def bare(row: JobRow, deadline: float) -> Iterator[Any]:
            yield None

        return self.heart.around(bare)(ROW, 0.0)


def nothing(delivery: Delivery) -> None:
    return


def test_each_message_is_handled_once_and_acknowledged() -> None:
    seen: list[Delivery] = []
    bench = Bench("a", "b", handle=seen.append)

    assert bench.run() is Ended.IDLE
    assert [item.body for item in seen] == bench.queues.deleted == ["a", "b"]
    assert [item.receive_count for item in seen] == [2, 2]
    assert seen[0].sent_at == 1.0
    assert seen[0].owner != seen[1].owner


def test_it_ends_after_so_many_empty_polls_in_a_row() -> None:
    bench = Bench(handle=nothing)

    assert bench.run() is Ended.IDLE
    assert bench.queues.polls == limits.DRAIN_EMPTY_POLLS


def test_a_message_between_starts_the_count_anew() -> None:
    bench = Bench(handle=nothing)
    bench.queues.at_poll = lambda poll: bench.queues.waiting.append("a") if poll == 4 else None

    bench.run()

    assert bench.queues.polls == 4 + limits.DRAIN_EMPTY_POLLS


def test_a_kept_message_is_neither_acknowledged_nor_hidden_anew() -> None:
    def keep(delivery: Delivery) -> None:
        raise Keep("later")

    bench = Bench("a", handle=keep)

    assert bench.run() is Ended.IDLE
    assert (bench.queues.deleted, bench.queues.hidden) == ([], [])


def test_an_unreadable_message_is_let_go_at_once_towards_the_dead_letters() -> None:
    def read(delivery: Delivery) -> None:
        WorkMessage.model_validate_json(delivery.body)

    bench = Bench("{no", handle=read)

    assert bench.run() is Ended.IDLE
    assert (bench.queues.deleted, bench.queues.hidden) == ([], [0.0])
    assert bench.told.events == ["kept"]


def test_a_failing_service_makes_the_message_wait_and_the_loop_go_on() -> None:
    def fail(delivery: Delivery) -> None:
        if delivery.body == "a":
            raise ConnectionError

    bench = Bench("a", "b", handle=fail)

    assert bench.run() is Ended.IDLE
    assert bench.queues.deleted == ["b"]
    assert 0 < bench.queues.hidden[0] <= 2 * limits.RETRY_BASE


def test_a_failed_acknowledgement_does_not_end_the_loop() -> None:
    bench = Bench("a", handle=nothing)

    def refuse(queue: str, receipt_handle: str) -> None:
        raise ConnectionError

    bench.queues.delete = refuse  # type: ignore[method-assign]

    assert bench.run() is Ended.IDLE


def test_message_and_lease_are_renewed_while_a_job_runs_and_not_after() -> None:
    def work(delivery: Delivery) -> None:
        with bench.at_work():
            until(lambda: bench.store.renewed >= 3)

    bench = Bench("a", handle=work)
    bench.run()
    after = bench.store.renewed
    time.sleep(0.1)

    assert bench.store.renewed == after == len(bench.queues.hidden)
    assert set(bench.queues.hidden) == {60}


def test_a_beat_that_fails_is_made_good_by_the_next() -> None:
    def work(delivery: Delivery) -> None:
        bench.store.down = True
        with bench.at_work():
            until(lambda: bench.store.renewed >= 2)
            bench.store.down = False
            until(lambda: bool(bench.queues.hidden))

    bench = Bench("a", handle=work)

    assert bench.run() is Ended.IDLE
    assert "beat_missed" in bench.told.events
    assert bench.queues.deleted == ["a"]


def test_a_lost_claim_ends_the_heartbeat_and_leaves_the_message_alone() -> None:
    def work(delivery: Delivery) -> None:
        with bench.at_work():
            until(lambda: bench.store.renewed >= 1)
            bench.store.taken_over = True
            until(lambda: "claim_lost" in bench.told.events)
            hidden.append(len(bench.queues.hidden))
            time.sleep(0.1)
        raise Keep("lost")

    hidden: list[int] = []
    bench = Bench("a", handle=work)
    bench.run()

    assert len(bench.queues.hidden) == hidden[0]
    assert bench.queues.deleted == []


def test_a_stop_lets_the_job_in_hand_end() -> None:
    def work(delivery: Delivery) -> None:
        bench.stop.set()
        time.sleep(0.05)

    bench = Bench("a", "b", handle=work)

    assert bench.run() is Ended.STOPPED
    assert bench.queues.deleted == ["a"]
    assert bench.queues.waiting == ["b"]


def test_a_stop_gives_a_long_job_back_after_the_grace() -> None:
    def work(delivery: Delivery) -> None:
        with bench.at_work():
            bench.stop.set()
            done.wait(20)

    done = threading.Event()
    bench = Bench("a", handle=work)

    try:
        assert bench.run() is Ended.RELEASED
        assert bench.store.released == 1
        assert bench.queues.hidden[-1] == 0
        assert bench.queues.deleted == []
    finally:
        done.set()


def test_a_message_that_comes_with_the_stop_is_put_back_unread() -> None:
    seen: list[Delivery] = []
    bench = Bench("a", handle=seen.append)
    bench.queues.at_poll = lambda poll: bench.stop.set()

    assert bench.run() is Ended.STOPPED
    assert (seen, bench.queues.hidden) == ([], [0])


def test_a_stop_that_cannot_give_back_is_still_in_order() -> None:
    def refuse(queue_arn: str, receipt_handle: str, seconds: float) -> None:
        raise ConnectionError

    bench = Bench("a", handle=nothing)
    bench.queues.at_poll = lambda poll: bench.stop.set()
    bench.queues.hide = refuse  # type: ignore[method-assign]

    assert bench.run() is Ended.STOPPED
    assert bench.told.events == ["not_given_back"]


def test_giving_back_a_job_that_another_took_leaves_it_alone() -> None:
    bench = Bench(handle=nothing)
    with bench.at_work():
        bench.store.taken_over = True
        bench.heart.let_go()

    assert 0 not in bench.queues.hidden


def test_a_job_that_outlives_its_time_ends_the_process() -> None:
    def hang(delivery: Delivery) -> None:
        done.wait(20)

    done = threading.Event()
    bench = Bench("a", handle=hang, times=DrainTimes(poll=0, job=0.1 - limits.LEASE_MARGIN))

    try:
        assert bench.run() is Ended.STUCK
        assert bench.queues.deleted == []
    finally:
        done.set()


def test_an_unreadable_queue_is_told() -> None:
    def fail(poll: int) -> None:
        raise ConnectionError

    bench = Bench(handle=nothing)
    bench.queues.at_poll = fail

    with pytest.raises(ConnectionError):
        bench.run()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become true, or fail."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
