"""`academy-worker invoke`: one function on one event, under the Lambda runtime emulator."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from academy_worker.embedded.engine import EngineError
from academy_worker.embedded.golden import NotAdmitted, hold_back
from academy_worker.embedded.one_function import functions, run_event
from academy_worker.embedded.runtime_emulator import Invocation
from academy_worker.embedded.system import System, running_system
from academy_worker.embedded.watch import read_row

SHOWN = 2000
"""Characters of a result shown."""

app = typer.Typer()


@app.command()
def invoke(
    function: Annotated[str, typer.Argument(help="Like ocr, omr_grading or admit.")],
    event: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The event, JSON.")],
) -> None:
    """Run one function on an event, with the role, variables and timeout of the template.

    Tables, queues and files are the embedded engine's; the jobs the event speaks of are admitted
    first. Exits 1 if the handler fails or keeps a message.
    """
    name = function.replace("-", "_")
    if name not in functions():
        raise typer.BadParameter(f"the template has {', '.join(functions())}; not {function}")
    try:
        with running_system() as system:
            hold_back(system)
            done, jobs = run_event(system, name, event)
            _show(system, done, jobs)
    except (EngineError, NotAdmitted) as error:
        Console().print(Text(str(error), style="red"))
        raise typer.Exit(2) from None
    raise typer.Exit(1 if done.failed else 0)


def _show(system: System, done: Invocation, jobs: list[str]) -> None:
    typer.echo(done.spoken)
    Console().print_json(json.dumps(done.answer, ensure_ascii=False))
    for job_id in jobs:
        row = read_row(system, job_id)
        if row is not None:
            told = row.result or row.error_message or row.result_ref or ""
            state = f"{row.status.value} {row.error_code or ''}".strip()
            typer.echo(f"{job_id}: {state} {told[:SHOWN]}")
