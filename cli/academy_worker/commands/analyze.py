"""`academy-worker analyze`: one or thousands of files, no queue, the functions' own code."""

import json
import multiprocessing
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.progress import Progress

from academy_worker.analysing import analyse
from academy_worker.payloads import payload_option
from jobs.contract.message import JobType

app = typer.Typer()


@app.command()
def analyze(
    job_type: Annotated[JobType, typer.Argument(help="What to do with the files.")],
    files: Annotated[list[Path], typer.Argument(help="Pictures, documents, videos, or JSON.")],
    payload: Annotated[
        str, typer.Option(help="Further payload fields: JSON, or @file with JSON.")
    ] = "{}",
    out: Annotated[Path | None, typer.Option(help="JSON lines go here, not to the screen.")] = None,
    audit: Annotated[Path | None, typer.Option(help="Folder for pictures of the results.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Files at once.")] = 1,
) -> None:
    """Analyse files here; one JSON line each, in their order; exit 1 if any failed."""
    fields = payload_option(payload)
    one = partial(analyse, job_type, payload=fields, audit=audit)
    failed = 0
    with _lines(out) as target, Progress(transient=True, disable=out is None) as bar:
        task = bar.add_task(job_type.value, total=len(files))
        for line in _each(one, files, processes):
            target.write(json.dumps(line, ensure_ascii=False) + "\n")
            failed += line["status"] == "failed"
            bar.advance(task)
    if failed:
        typer.echo(f"{failed} of {len(files)} failed", err=True)
    raise typer.Exit(1 if failed else 0)


def _each(one: Any, files: list[Path], processes: int) -> Iterator[dict[str, Any]]:
    if processes == 1:
        yield from map(one, files)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(one, files)


class _Screen:
    def __enter__(self) -> TextIO:
        return sys.stdout

    def __exit__(self, *error: object) -> None:
        sys.stdout.flush()


def _lines(out: Path | None) -> Any:
    return _Screen() if out is None else out.open("w", encoding="utf-8")
