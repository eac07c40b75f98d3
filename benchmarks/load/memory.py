"""Resident memory of the handler processes of an engine, sampled from /proc."""

import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from academy_worker.embedded import processes

EVERY = 1.0
"""s between two samples."""

FEWEST = 10
"""Samples in the window below which a process says nothing about growth."""

_PAGE = os.sysconf("SC_PAGE_SIZE")
Sample = tuple[float, int]


@dataclass(frozen=True, slots=True)
class Growth:
    """A function's processes in a window: MiB at its beginning and end, summed over processes."""

    function: str
    processes: int
    before: float
    after: float

    @property
    def share(self) -> float:
        """Growth as a share of the beginning."""
        return self.after / self.before - 1


@dataclass
class HandlerMemory:
    """Samples every handler in the session of `leader` until stopped."""

    leader: int
    series: dict[tuple[str, int], list[Sample]] = field(default_factory=lambda: defaultdict(list))
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "HandlerMemory":
        """Begin."""
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def growth(self, begin: float, end: float) -> list[Growth]:
        """Growth from the first to the last fifth of a window, of processes alive throughout."""
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for (function, _), samples in list(self.series.items()):
            inside = [rss / 2**20 for at, rss in samples if begin <= at <= end]
            edge = len(inside) // 5
            throughout = samples[0][0] <= begin + EVERY * 3 and samples[-1][0] >= end - EVERY * 3
            if throughout and len(inside) >= FEWEST:
                found[function].append((fmean(inside[:edge]), fmean(inside[-edge:])))
        return [
            Growth(function, len(pairs), sum(a for a, _ in pairs), sum(b for _, b in pairs))
            for function, pairs in sorted(found.items())
        ]

    def _watch(self) -> None:
        names: dict[int, str] = {}
        while not self._stop.wait(EVERY):
            for pid in processes.members(self.leader):
                names[pid] = names.get(pid) or _function(pid)
                if names[pid] and (rss := _resident(pid)):
                    self.series[names[pid], pid].append((time.time(), rss))


def _function(pid: int) -> str:
    """Name the function a process serves; empty for the engine itself."""
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    name = next((v for v in variables if v.startswith(b"AWS_LAMBDA_FUNCTION_NAME=")), b"=")
    return name.partition(b"=")[2].decode()


def _resident(pid: int) -> int:
    """Bytes of a process in memory; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0
