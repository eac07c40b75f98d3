"""Every minute: a drain task where GPU jobs wait, and the CPU's queues where no GPU comes.

The breaker has no memory of its own: it reads the tasks ECS knows. A task that still waits for
its machine is the probe; once it runs, the breaker is closed again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Protocol

from pydantic import ValidationError

from jobs import limits
from jobs.contract.message import WorkMessage
from jobs.gpu_cluster import DrainTask
from jobs.queues import Queues, pointer, work_queue
from jobs.store import JobStore
from jobs.telemetry import Telemetry
from jobs.tiers import GPU_QUEUE


class Tasks(Protocol):
    """What is asked of `gpu_cluster.Cluster`."""

    def tasks(self) -> list[DrainTask]:
        """Open and lately stopped tasks."""
        ...

    def start(self) -> bool:
        """Ask for one more; False where it was refused."""
        ...


@dataclass(frozen=True, slots=True)
class Woken:
    """What one look led to: tasks asked for, and jobs moved to the CPU."""

    started: int = 0
    moved: int = 0


@dataclass(frozen=True, slots=True)
class GpuWake:
    """Looks at the GPU queue and its tasks; `most` tasks at a time."""

    cluster: Tasks
    store: JobStore
    queues: Queues
    telemetry: Telemetry
    clock: Callable[[], float]
    most: int = 1

    def look(self) -> Woken:
        """Start what is wanted, or let the CPU have the jobs."""
        tasks = self.cluster.tasks()
        backlog = self.queues.backlog(GPU_QUEUE)
        if breaker_open(tasks, self.clock()):
            woken = Woken(moved=self._to_cpu())
        else:
            woken = self._start(tasks, backlog)
        self.telemetry.line("gpu", backlog=backlog, started=woken.started, moved=woken.moved)
        return woken

    def _start(self, tasks: list[DrainTask], backlog: int) -> Woken:
        there = sum(task.stopped_at is None for task in tasks)
        wanted = min(self.most, ceil(backlog / limits.GPU_JOBS_PER_TASK)) - there
        for started in range(wanted):
            if not self.cluster.start():
                alone = there + started == 0
                return Woken(started, self._to_cpu() if alone else 0)
        return Woken(started=max(0, wanted))

    def _to_cpu(self) -> int:
        """Move what waits to the CPU's queues; a crash on the way doubles a message at most."""
        moved = 0
        for _ in range(limits.GPU_MOVES):
            # A receive that does not wait asks a few of SQS's hosts only and may miss messages.
            message = self.queues.receive(GPU_QUEUE, 1, limits.DRAIN_HIDDEN)
            if message is None:
                break
            moved += self._move(message["Body"], message["ReceiptHandle"])
        return moved

    def _move(self, body: str, receipt_handle: str) -> bool:
        """False for a message of no known job: it goes on to the dead letters by itself."""
        try:
            row = self.store.get(WorkMessage.model_validate_json(body).job_id)
        except ValidationError:
            return False
        if row is None:
            return False
        if not row.terminal:
            self.queues.send(work_queue(row), pointer(row))
        self.queues.delete(GPU_QUEUE, receipt_handle)
        return True


def breaker_open(tasks: list[DrainTask], now: float) -> bool:
    """Tell whether GPU jobs should go to the CPU.

    Open while no task runs and one has waited too long for a machine, could not be started, or
    several have crashed, until these are old enough for another try.
    """
    if any(task.running for task in tasks):
        return False
    waits = [now - task.waiting_since for task in tasks if task.waiting_since is not None]
    lately = [
        task
        for task in tasks
        if task.stopped_at is not None and now - task.stopped_at < limits.GPU_COOLING
    ]
    return (
        any(wait > limits.GPU_PATIENCE for wait in waits)
        or any(task.never_started for task in lately)
        or sum(task.crashed for task in lately) >= limits.GPU_CRASHES
    )
