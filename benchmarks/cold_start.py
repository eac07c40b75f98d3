"""How long a reader takes from the spawn of its process to its first answer, less the work.

    .venv/bin/python -m benchmarks.cold_start [ROUNDS]

Each function runs under the Lambda runtime emulator with its deployed variables, limits and rights.
Two jobs with the same golden payload are given to one process; the first answer's time less the
second's is the cold start: interpreter, imports, clients, and what the first job loads lazily. The
median over the rounds is shown. The baseline of the same run is a function that imports nothing.
Wall time; the engine shares the machine. Steps of the video flow need a flow and are left out.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from academy_worker.embedded.golden import JOBS, PREFIX, hold_back, message
from academy_worker.embedded.one_function import functions, process_of
from academy_worker.embedded.project import ROOT
from academy_worker.embedded.runtime_emulator import Process, ask, emulator
from academy_worker.embedded.system import System, running_system
from academy_worker.embedded.watch import read_row

HANDLERS = Path(__file__).parent / "handlers"
ROUNDS = 3
TARGET = 1.2
"""s on two cores, for the slowest."""

GLUE = {"notify", "finalize"}
"""Functions with a golden job that are not in the image."""

PATIENCE = 30.0
"""s; admission of a job."""


def cold_and_warm(process: Process, events: tuple[Any, Any], log: Path) -> tuple[float, float]:
    """Seconds to the first and to the second answer of one process."""
    with emulator(process, log) as url:
        return _seconds(lambda: ask(url, events[0], process.timeout)), _seconds(
            lambda: ask(url, events[1], process.timeout)
        )


def _seconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def admitted(system: System, job: str, name: str) -> Any:
    """Admit a golden job under another id; the event that hands it to its function."""
    tier, body = message(JOBS / f"{job}.json", system.serve)
    system.send(tier, json.dumps(json.loads(body) | {"job_id": name}, ensure_ascii=False))
    deadline = time.monotonic() + PATIENCE
    while read_row(system, name) is None:
        if time.monotonic() > deadline:
            raise SystemExit(f"{name} was not admitted")
        time.sleep(0.05)
    event = (ROOT / "events" / f"{job}.json").read_text(encoding="utf-8")
    return json.loads(event.replace(f"{PREFIX}{job}", name))


def main() -> None:
    """Print the table; exits 1 if the slowest reader misses the target."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    readers = [name for name in functions() if (JOBS / f"{name}.json").exists()]
    readers = [name for name in readers if name not in GLUE]
    cold: dict[str, list[float]] = {name: [] for name in ("nothing imported", *readers)}
    work: dict[str, list[float]] = {name: [] for name in cold}
    with running_system() as system:
        hold_back(system)
        log = system.engine.folder / "cold_start.log"
        for number in range(rounds):
            for name in cold:
                process, events = bare(system), ({}, {})
                if name in readers:
                    process = process_of(system, name)
                    first, second = (
                        admitted(system, name, f"cold-{name}-{number}-{part}") for part in "ab"
                    )
                    events = (first, second)
                begun, again = cold_and_warm(process, events, log)
                cold[name].append(begun - again)
                work[name].append(again)
    baseline = statistics.median(cold["nothing imported"])
    table = Table("function", "cold start s", "x baseline", "work s", title="cold starts")
    slowest = 0.0
    for name, times in cold.items():
        took = statistics.median(times)
        slowest = max(slowest, took)
        ratio, job = took / baseline, statistics.median(work[name])
        table.add_row(name, f"{took:.2f}", f"{ratio:.1f}", f"{job:.2f}")
    table.caption = f"target {TARGET} s for the slowest; median of {rounds}"
    Console().print(table)
    sys.exit(slowest > TARGET)


def bare(system: System) -> Process:
    """A function that imports nothing, with the same runtime client."""
    return replace(
        process_of(system, "ocr"), handler="baseline.handler", folder=HANDLERS, imports=(HANDLERS,)
    )


if __name__ == "__main__":
    main()
