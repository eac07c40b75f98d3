"""`academy-worker contract export`: what the API's engineers read."""

from pathlib import Path
from typing import Annotated

import typer

from academy_worker.contract_export import export as export_files

app = typer.Typer(help="The contract with the academy's API.", no_args_is_help=True)

_DOCS = Path(__file__).parents[3] / "docs"


@app.callback()
def contract() -> None:
    """Keep `export` a subcommand of its own."""


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder of the JSON Schemas.")] = _DOCS
    / "contract",
    errors: Annotated[Path, typer.Option(help="The page of error codes.")] = _DOCS / "errors.md",
) -> None:
    """Write JSON Schemas of messages, payloads and results, and the table of error codes."""
    typer.echo(f"{folder}: {export_files(folder, errors)} files")
