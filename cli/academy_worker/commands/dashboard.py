"""`academy-worker dashboard`: the figures of the CloudWatch dashboard, drawn from a run's logs."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from academy_worker.cost.model import Prices
from academy_worker.dashboard.figures import Figures, Spread, figures
from academy_worker.dashboard.log_lines import read_log
from academy_worker.dashboard.page import in_words, write_page
from academy_worker.embedded.project import OUT
from academy_worker.embedded.run_log import RUN_LOG, save_log, save_run_log
from academy_worker.embedded.system import NotRunning, System

app = typer.Typer()


@app.command()
def dashboard(
    log: Annotated[
        Path | None, typer.Option(help="Log lines of functions; else the last demo's.")
    ] = None,
    stack: Annotated[
        str, typer.Option(help="A stack on AWS; credentials and region as the AWS command line's.")
    ] = "",
    minutes: Annotated[int, typer.Option(min=1, help="How far back to read a stack.")] = 60,
    out: Annotated[Path, typer.Option(help="The page to write.")] = OUT / "dashboard.html",
) -> None:
    """Draw a run's metrics; a kept demo is read as it stands, else the last one's logs."""
    path = log or (_of_stack(stack, minutes, out.parent) if stack else _last_run())
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            found = figures(read_log(lines), Prices.load())
    except (OSError, ValueError) as error:
        typer.echo(f"{path}: {error.strerror if isinstance(error, OSError) else error}", err=True)
        raise typer.Exit(2) from None
    write_page(out, found)
    Console(width=140).print(_table(found))
    typer.echo(f"{found.log_bytes_per_job:.0f} bytes of logs per job; page: {out}")


def _of_stack(stack: str, minutes: int, folder: Path) -> Path:
    """The log of a deployed stack, read by the Logs and SQS APIs and kept in `folder`."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    path = folder / f"{stack}.jsonl"
    since = time.time() - 60 * minutes
    try:
        save_log(boto3.client("logs"), boto3.client("sqs"), stack, path, since)
    except (BotoCoreError, ClientError) as error:
        typer.echo(f"{stack}: {error}", err=True)
        raise typer.Exit(2) from None
    return path


def _last_run() -> Path:
    """The log of the kept system, freshly read, or of the last run."""
    try:
        save_run_log(System.load())
    except NotRunning:
        if not RUN_LOG.exists():
            typer.echo("there is no run to draw: `make demo` first, or give --log", err=True)
            raise typer.Exit(2) from None
    return RUN_LOG


def _table(found: Figures) -> Table:
    table = Table(
        "tier", "job type", "admitted", "done", "failed", "retried", "wait", "run", "told"
    )
    for row in found.rows:
        table.add_row(
            row.tier,
            row.job_type,
            str(row.admitted),
            str(row.done),
            in_words(row.failed),
            in_words(row.retried),
            *[_seconds(value) for value in (row.wait, row.run, row.lag)],
        )
    return table


def _seconds(value: Spread | None) -> str:
    return "–" if value is None else f"{value.p50:.2f} / {value.p99:.2f} s"
