"""Virtual time: many invocations run interleaved on one thread, each in a greenlet."""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable

from greenlet import getcurrent, greenlet


class Crash(BaseException):
    """The process is gone: no `finally` of the platform, no answer, no acknowledgement."""


class CrashPoints:
    """Named seams at which a process dies: `call:before:n` or `call:after:n`, n from 1."""

    def __init__(self, points: tuple[str, ...]) -> None:
        self._points = set(points)
        self._passed: Counter[str] = Counter()

    def pass_by(self, call: str, *, after: bool) -> None:
        place = f"{call}:{'after' if after else 'before'}"
        self._passed[place] += 1
        if f"{place}:{self._passed[place]}" in self._points:
            raise Crash


class Simulation:
    """An event loop over virtual seconds; `now` starts at a real-looking epoch time."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.now = start
        self._hub = getcurrent()
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._sequence = itertools.count()

    def clock(self) -> float:
        """The time as the running invocation's host sees it (its clock may be off)."""
        return self.now + getattr(getcurrent(), "skew", 0.0)

    def at(self, when: float, action: Callable[[], object]) -> None:
        heapq.heappush(self._heap, (max(when, self.now), next(self._sequence), action))

    def spawn(
        self, body: Callable[[], object], *, skew: float = 0.0, dies_at: float = 1e18
    ) -> None:
        """Start an invocation now; it is killed at its first seam after `dies_at`."""

        def guarded() -> None:
            try:
                body()
            except Crash:
                return

        invocation = greenlet(guarded, parent=self._hub)
        invocation.skew = skew
        invocation.dies_at = dies_at
        self.at(self.now, invocation.switch)

    def pause(self, seconds: float) -> None:
        """Let virtual time pass inside an invocation; a no-op outside of one."""
        current = getcurrent()
        if current is self._hub:
            return
        wake = self.now + seconds
        if wake > current.dies_at:
            raise Crash
        self.at(wake, current.switch)
        self._hub.switch()

    def run(self, until: float) -> None:
        while self._heap and self._heap[0][0] <= until:
            self.now, _, action = heapq.heappop(self._heap)
            action()
        self.now = max(self.now, until)

    @property
    def idle(self) -> bool:
        return not self._heap
