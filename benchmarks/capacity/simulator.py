"""Queues with a bounded number of servers, over discrete events.

A station is an event source mapping: a queue, at most `servers` invocations at once, each taking
up to `batch` waiting messages. Servers are Lambda's execution environments: the one used last is
used first, and one that is new or has been idle for `COLD_AFTER` starts cold.
"""

import heapq
import itertools
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

COLD_AFTER = 600.0
"""s after which an idle execution environment is taken to be gone; AWS names no number."""

Serve = Callable[[int, bool], float]
"""(messages in the batch, whether it starts cold) -> seconds."""


class Clock:
    """Events in order of time, seconds from 0."""

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Callable[..., None], Any]] = []
        self._sequence = itertools.count()

    def at(self, when: float, action: Callable[..., None], *given: Any) -> None:
        """Call `action(*given)` at a time not before now."""
        heapq.heappush(self._heap, (max(when, self.now), next(self._sequence), action, given))

    def run(self) -> None:
        """Play until nothing is left to happen."""
        while self._heap:
            self.now, _, action, given = heapq.heappop(self._heap)
            action(*given)


@dataclass
class Station:
    """`then(job)` is called for each job served; `started(job)` when its service begins."""

    clock: Clock
    name: str
    servers: int
    serve: Serve
    then: Callable[[Any], None] = lambda job: None
    started: Callable[[Any], None] = lambda job: None
    batch: int = 1
    busy_seconds: float = 0.0
    longest: int = 0
    cold_starts: int = 0
    served: int = 0
    _queue: deque[Any] = field(default_factory=deque)
    _idle: list[float] = field(default_factory=list)
    _made: int = 0
    _running: int = 0

    def arrive(self, job: Any) -> None:
        """A message enters the queue."""
        self._queue.append(job)
        self.longest = max(self.longest, len(self._queue))
        self._start()

    def _start(self) -> None:
        while self._queue and self._running < self.servers:
            jobs = [self._queue.popleft() for _ in range(min(self.batch, len(self._queue)))]
            for job in jobs:
                self.started(job)
            seconds = self.serve(len(jobs), self._cold())
            self._running += 1
            self.busy_seconds += seconds
            self.served += len(jobs)
            self.clock.at(self.clock.now + seconds, self._done, jobs)

    def _cold(self) -> bool:
        """Take the environment used last; tells whether there is none that is still warm."""
        if self._idle and self.clock.now - self._idle.pop() <= COLD_AFTER:
            return False
        self.cold_starts += 1
        return True

    def _done(self, jobs: list[Any]) -> None:
        self._running -= 1
        self._idle.append(self.clock.now)
        for job in jobs:
            self.then(job)
        self._start()


def erlang_c(servers: int, load: float) -> float:
    """Chance that a job has to wait in M/M/c; `load` in Erlang, below `servers`.

    Source: Erlang's second formula, by the recursion of the first (Cooper, "Introduction to
    Queueing Theory", 1981).
    """
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return servers * blocked / (servers - load * (1 - blocked))


def servers_needed(load: float, service: float, patience: float, share: float = 0.99) -> int:
    """Fewest servers with which `share` of M/M/c's jobs wait at most `patience` seconds."""
    servers = int(load) + 1
    while True:
        late = erlang_c(servers, load) * math.exp(-(servers - load) * patience / service)
        if late <= 1 - share:
            return servers
        servers += 1
