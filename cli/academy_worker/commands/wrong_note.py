"""`academy-worker wrong-note`: a note from a file of graded answers, here and now."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from academy_worker.local_workspace import LocalWorkspace
from faults import WorkerError
from jobs.contract.message import JobType
from jobs.contract.registry import parse_payload
from jobs.contract.wrong_note import WrongNotePayload, WrongNoteResult
from jobs.workspace import FileKind

app = typer.Typer()


class _BesideTheFile(LocalWorkspace):
    """Opens crops whose `crop_url` is a path relative to the payload's file."""

    def __init__(self, folder: Path, out: Path) -> None:
        super().__init__(out)
        self._folder = folder

    def fetch(self, url: str, kind: FileKind) -> Path:
        return super().fetch(str(self._folder / url), kind)


@app.command("wrong-note")
def wrong_note(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The job's payload, JSON.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the HTML and the PDF.")] = Path("out"),
) -> None:
    """Write a wrong-answer note as HTML and PDF; exits 1 if it cannot be written."""
    from functions.wrong_note.answer import write_note

    try:
        payload = parse_payload(JobType.WRONG_NOTE, _object(file))
        assert isinstance(payload, WrongNotePayload)  # noqa: S101 - the registry says so
        result = write_note(payload, _BesideTheFile(file.parent, out))
    except WorkerError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    _show(result)


def _object(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise typer.BadParameter(f"{file.name} must hold a JSON object")
    return value


def _show(result: WrongNoteResult) -> None:
    console = Console()
    table = Table("tag", "wrong", "of")
    for tag in result.tags:
        table.add_row(tag.tag, str(tag.wrong), str(tag.asked or "–"))
    if result.tags:
        console.print(table)
    console.print(f"{result.questions} wrong answers on {result.pages} pages")
    if result.missing_crops:
        console.print(f"pictures missing: {', '.join(result.missing_crops)}")
    if result.unread_formulas:
        console.print(f"formulas printed as source: {result.unread_formulas}")
    if result.unprintable:
        console.print(f"signs no font has: {' '.join(result.unprintable)}")
    console.print(result.html_ref, result.pdf_ref, sep="\n")
