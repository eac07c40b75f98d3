"""Question segmentation on labelled pages."""

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analysis.image import read_image
from analysis.segmentation.engines import Detector, Options, segment_page
from analysis.segmentation.evaluation import Tally, TruthItem, score_page
from analysis.segmentation.types import ItemKind

app = typer.Typer(name="segmentation", no_args_is_help=True, help="Question segmentation.")


@app.callback()
def _group() -> None:
    """Question segmentation."""


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="NAME.jpg beside NAME.json", exists=True)],
    match: Annotated[str, typer.Option(help="pages to take, as a glob")] = "*",
    model: Annotated[Path | None, typer.Option(help="an ONNX detector instead")] = None,
) -> None:
    """Print precision, recall and number accuracy by kind of page.

    NAME.json holds `items` with `type` (q or p), `num` and `box` (x, y, w, h in px). Pages are
    grouped by their names up to the last underscore.
    """
    engine = Options("yolo", Detector(model)) if model else Options("opencv")
    tallies: dict[str, Tally] = defaultdict(Tally)
    seconds: dict[str, float] = defaultdict(float)
    for truth_path in sorted(folder.glob(f"{match}.json")):
        pictures = [p for p in folder.glob(f"{truth_path.stem}.*") if p.suffix != ".json"]
        if not pictures:
            continue
        image = read_image(pictures[0])
        started = time.process_time()
        found = segment_page(image, engine)
        group = truth_path.stem.rsplit("_", 1)[0]
        seconds[group] += time.process_time() - started
        tallies[group] += score_page(found.items, _truth(truth_path))
    if not tallies:
        raise typer.BadParameter(f"no labelled page in {folder}")
    Console().print(_table(tallies, seconds))


def _truth(path: Path) -> list[TruthItem]:
    kinds = {"q": ItemKind.QUESTION, "p": ItemKind.PASSAGE}
    truth: list[TruthItem] = []
    for item in json.loads(path.read_text(encoding="utf-8"))["items"]:
        x, y, w, h = (float(value) for value in item["box"])
        truth.append(TruthItem(kinds[item["type"]], int(item["num"]), (x, y, w, h)))
    return truth


def _table(tallies: dict[str, Tally], seconds: dict[str, float]) -> Table:
    table = Table(title="question segmentation, boxes matched at IoU 0.5")
    table.add_column("pages")
    for name in ("n", "P", "R", "F1", "F1 @.75", "numbers", "passages", "all right", "CPU s"):
        table.add_column(name, justify="right")
    for group, tally in tallies.items():
        table.add_row(
            group,
            str(tally.pages),
            f"{tally.precision:.3f}",
            f"{tally.recall:.3f}",
            f"{tally.f1():.3f}",
            f"{tally.f1(tight=True):.3f}",
            f"{tally.number_accuracy:.3f}",
            f"{tally.passages}/{tally.passages_true}",
            f"{tally.pages_right}/{tally.pages}",
            f"{seconds[group] / tally.pages:.2f}",
        )
    return table
