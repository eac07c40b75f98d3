"""Heartbeats of a job that runs outside Lambda: its message stays hidden, its lease alive.

Nothing kills a container at a deadline, so a lease for the whole job would hold a job up for
minutes after its machine is gone. A short one, renewed while the job runs, does not.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from faults import LeaseLost
from jobs import limits
from jobs.consumer import OpenWorkspace
from jobs.delivery import Delivery
from jobs.queues import Queues
from jobs.row import JobRow
from jobs.store import JobStore
from jobs.telemetry import Telemetry
from jobs.workspace import Workspace


class Heart:
    """Beats for the one job in hand, in a thread of its own.

    `store` must not be shared with the thread that runs jobs: boto3's tables are not thread-safe.
    A job whose claim is lost runs on, but its attempt number keeps it from writing anything.
    """

    def __init__(
        self,
        store: JobStore,
        queues: Queues,
        telemetry: Telemetry,
        *,
        beat: float = limits.DRAIN_BEAT,
        hidden: float = limits.DRAIN_HIDDEN,
    ) -> None:
        self._store = store
        self._queues = queues
        self._telemetry = telemetry
        self._beat = beat
        self._hidden = hidden
        self._delivery: Delivery | None = None
        self._row: JobRow | None = None
        self._still = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, delivery: Delivery) -> None:
        """Say which message is in hand from now on."""
        self._delivery, self._row = delivery, None

    def around(self, open_workspace: OpenWorkspace) -> OpenWorkspace:
        """The same workspaces, with a heart that beats while they are open."""

        @contextmanager
        def opened(row: JobRow, deadline: float) -> Iterator[Workspace]:
            with self._beating(row), open_workspace(row, deadline) as workspace:
                yield workspace

        return opened

    def let_go(self) -> None:
        """Give the job in hand back, to be taken up by another worker at once."""
        self._rest()
        if self._row is not None:
            try:
                self._store.release(self._row.job_id, self._row.attempt)
            except LeaseLost:
                return
        if self._delivery is not None:
            self._queues.hide(self._delivery.queue_arn, self._delivery.receipt_handle, 0)

    @contextmanager
    def _beating(self, row: JobRow) -> Iterator[None]:
        self._row = row
        self._still = threading.Event()
        self._thread = threading.Thread(target=self._go_on, args=(row,), daemon=True, name="heart")
        self._thread.start()
        try:
            yield
        finally:
            self._rest()

    def _rest(self) -> None:
        self._still.set()
        if self._thread is not None:
            self._thread.join()

    def _go_on(self, row: JobRow) -> None:
        delivery = self._delivery
        while delivery is not None and delivery.seconds_left() > 0:
            if not self._beat_once(row, delivery) or self._still.wait(self._beat):
                return

    def _beat_once(self, row: JobRow, delivery: Delivery) -> bool:
        """Hold on to row and message; False once the job is another's."""
        try:
            self._store.renew(row.job_id, row.attempt, self._hidden)
            self._queues.hide(delivery.queue_arn, delivery.receipt_handle, self._hidden)
        except LeaseLost:
            self._telemetry.line("claim_lost", job_id=row.job_id, attempt=row.attempt)
            return False
        except Exception as error:  # a missed beat is made good by the next one
            self._telemetry.fault("beat_missed", error, job_id=row.job_id)
        return True
