"""`academy-worker demo`: the whole system here, with jobs through it, and a report."""

import shutil
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from academy_worker.embedded import samples
from academy_worker.embedded.deploy import DeployError
from academy_worker.embedded.engine import EngineError
from academy_worker.embedded.live_table import live_table, table
from academy_worker.embedded.localise import Unmappable
from academy_worker.embedded.project import OUT, ROOT, STATE
from academy_worker.embedded.report import write_report
from academy_worker.embedded.run_log import RUN_LOG, save_run_log
from academy_worker.embedded.system import (
    NotRunning,
    System,
    signals_ignored,
    signals_unwind,
    start_system,
)
from academy_worker.embedded.watch import Seen, Watch

TIMEOUT = 150.0
"""s for all jobs to end."""

REPORT = OUT / "report.html"
LOG = OUT / "engine.log"
PIPE_WIDTH = 140
app = typer.Typer()


@app.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the system up for jobs of your own.")
    ] = False,
) -> None:
    """Run the whole system here, send jobs through it, write out/report.html."""
    console = wide_console()
    kept = False
    with signals_unwind():
        _refuse_second(keep)
        console.print("starting the embedded engine and the API's stand-in, deploying the template")
        started = time.monotonic()
        system = _start(console, keep)
        try:
            console.print(f"the stack is up after {time.monotonic() - started:.1f} s")
            problems = _run(console, system)
            if keep:
                system.save()
                _how_to_go_on(console, system)
                kept = True
        finally:
            if not kept:
                with signals_ignored():
                    system.stop()
    raise typer.Exit(1 if problems else 0)


@app.command()
def stop() -> None:
    """End the system a `demo --keep` left up."""
    try:
        system = System.load()
    except NotRunning as error:
        typer.echo(str(error))
        return
    with signals_ignored():
        system.stop()
    STATE.unlink()


def wide_console() -> Console:
    """A console whose lines are not cut short where the output is a file or a pipe."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def _start(console: Console, keep: bool) -> System:
    try:
        return start_system(outlive=keep)
    except (EngineError, DeployError, Unmappable) as error:
        console.print(Text(str(error), style="red"))
        raise typer.Exit(2) from None


def _run(console: Console, system: System) -> list[str]:
    """Send the jobs, follow them, show and write what came of them; returns what is wrong."""
    jobs = samples.all_jobs()
    watch = Watch(system)
    with live_table(console) as show:
        watch.send(jobs)
        seen = watch.follow(TIMEOUT, show)
    problems = _problems(seen)
    if left := watch.left_over():
        problems.append(f"{left} messages wait in the queues")
    if not console.is_terminal:
        console.print(table(seen, time.time()))
    write_report(REPORT, system, seen, problems)
    save_run_log(system)
    for problem in problems:
        console.print(Text(problem, style="red"))
    if problems:
        shutil.copyfile(system.engine.log, LOG)
        said = f"{LOG.relative_to(ROOT)}, {RUN_LOG.relative_to(ROOT)}"
        console.print(f"what the engine and the handlers said: {said}")
    else:
        console.print(Text(f"all {len(seen)} outcomes are as expected", style="green"))
    console.print(f"report: {REPORT.relative_to(ROOT)}; its metrics: make dashboard")
    return problems


def _problems(seen: list[Seen]) -> list[str]:
    return [f"{one.job.title}: {problem}" for one in seen for problem in one.problems()]


def _refuse_second(keep: bool) -> None:
    if not keep:
        return
    try:
        System.load()
    except NotRunning:
        return
    typer.echo("a kept system is up already: `make stop` ends it")
    raise typer.Exit(2)


def _how_to_go_on(console: Console, system: System) -> None:
    console.print("\nThe system stays up. Send a file of your own, and look at a job:")
    console.print("  make submit JOB=omr_grading FILE=sheet.jpg")
    console.print("  make job ID=…")
    console.print(f"AWS endpoint {system.engine.url}, API stand-in {system.stand_in.url}")
    console.print("`make stop` ends it.")
