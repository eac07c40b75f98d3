"""Handwriting analysis on pages whose number of handwritten marks is known."""

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analysis.handwriting.analyse import analyse_handwriting
from analysis.image import read_image
from analysis.ranking import area_under_curve

app = typer.Typer(name="handwriting", no_args_is_help=True, help="Handwriting analysis.")


@app.callback()
def _group() -> None:
    """Handwriting analysis."""


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="NAME.jpg beside NAME.json", exists=True)],
    match: Annotated[str, typer.Option(help="pages to take, as a glob")] = "*",
    template: Annotated[bool, typer.Option(help="subtract the blank page")] = False,
) -> None:
    """Print mean scores and AUC against the unwritten pages, by number of marks.

    NAME.json holds `marks` (how many a hand made, 0 for a blank print), optionally `group` (clean,
    scan, …) and `blank` (the file name of the unwritten page).
    """
    scores: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    cpu: list[float] = []
    for truth_path in sorted(folder.glob(f"{match}.json")):
        truth = json.loads(truth_path.read_text(encoding="utf-8"))
        pictures = [p for p in folder.glob(f"{truth_path.stem}.*") if p.suffix != ".json"]
        if not pictures or "marks" not in truth:
            continue
        blank = read_image(folder / truth["blank"]) if template and truth.get("blank") else None
        image = read_image(pictures[0])
        started = time.process_time()
        found = analyse_handwriting(image, blank)
        cpu.append(time.process_time() - started)
        scores[truth.get("group", "all")][int(truth["marks"])].append(found.writing_score)
    if not scores:
        raise typer.BadParameter(f"no labelled page in {folder}")
    console = Console()
    console.print(_table(scores))
    console.print(f"CPU {sum(cpu) / len(cpu):.2f} s a page")


def _table(scores: dict[str, dict[int, list[float]]]) -> Table:
    table = Table(title="writing score by marks")
    for name in ("pages", "marks", "n", "mean score", "highest", "AUC against 0 marks"):
        table.add_column(name, justify="left" if name == "pages" else "right")
    for group, by_marks in scores.items():
        blank = by_marks.get(0, [])
        for marks, values in sorted(by_marks.items()):
            auc = f"{area_under_curve(blank, values):.3f}" if marks and blank else ""
            table.add_row(
                group,
                str(marks),
                str(len(values)),
                f"{sum(values) / len(values):.3f}",
                f"{max(values):.3f}",
                auc,
            )
    return table
