"""`academy-worker ocr evaluate`: how well text is read, on pictures whose text is known."""

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(name="ocr", no_args_is_help=True, help="Reading text.")

_RIM = 6
"""px around an item's box: a cut through its first stroke would be no fault of the reader."""


@dataclass
class Tally:
    """Sums over the readings of one group; `seconds` of processor time for each."""

    wrong: int = 0
    signs: int = 0
    wrong_blanks: int = 0
    signs_blanks: int = 0
    missed: int = 0
    choices: int = 0
    rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, truth: str, read: str, seconds: float) -> None:
        """Count one reading."""
        from analysis.ocr.evaluation import choice_errors, errors

        wrong, signs = errors(truth, read)
        blanks, all_signs = errors(truth, read, spaces=True)
        missed, choices = choice_errors(truth, read)
        self.wrong += wrong
        self.signs += signs
        self.wrong_blanks += blanks
        self.signs_blanks += all_signs
        self.missed += missed
        self.choices += choices
        self.rates.append(wrong / max(1, signs))
        self.seconds.append(seconds)

    def cells(self) -> list[str]:
        """One row of the table."""
        return [
            str(len(self.rates)),
            f"{self.wrong / max(1, self.signs):.3f}",
            f"{statistics.median(self.rates):.3f}",
            f"{self.wrong_blanks / max(1, self.signs_blanks):.3f}",
            f"{1 - self.missed / self.choices:.3f}" if self.choices else "-",
            str(self.choices),
            f"{statistics.mean(self.seconds):.2f}",
            f"{max(self.seconds):.2f}",
        ]


@app.callback()
def _root() -> None:
    """Reading text."""


@app.command()
def evaluate(
    truth_dir: Annotated[Path, typer.Argument(help="NAME.json with text or items beside NAME.jpg")],
    limit: Annotated[int, typer.Option(help="Readings a group at most; 0 for all")] = 0,
    pages: Annotated[bool, typer.Option(help="Read whole pages, not the items cut out")] = False,
    psm: Annotated[int, typer.Option(help="Page segmentation mode; 0 lets the engine find it")] = 0,
    data: Annotated[str, typer.Option(help="Folder of other *.traineddata")] = "",
) -> None:
    """Print character error rates by group: the part of the names before the first `_`.

    CER counts characters without blanks, `+ blanks` with them; `choices` is the share of circled
    numbers that were read.

    A truth is `{"text": ...}` for a whole picture or `{"items": [{"box": [x, y, w, h], "text":
    ...}]}`, items being questions or passages in reading order.
    """
    from analysis.ocr.tesseract import TesseractEngine

    engine = TesseractEngine(psm=psm or None, data=data)
    tallies: dict[str, Tally] = defaultdict(Tally)
    for group, image, truth in _truths(truth_dir, whole=pages):
        if limit and len(tallies[group].rates) >= limit:
            continue
        started = time.process_time()
        text = engine.read(image).text
        tallies[group].add(truth, text, time.process_time() - started)
    if not tallies:
        raise typer.BadParameter(f"no truth in {truth_dir}")
    Console().print(_table(tallies))


def _truths(folder: Path, *, whole: bool) -> Iterator[tuple[str, Any, str]]:
    """Group, BGR picture and text."""
    from analysis.image import read_image

    for path in sorted(folder.glob("*.json")):
        picture = next((p for p in folder.glob(f"{path.stem}.*") if p.suffix != ".json"), None)
        truth = json.loads(path.read_text(encoding="utf-8"))
        if picture is None or not isinstance(truth, dict) or not {"text", "items"} & set(truth):
            continue
        image, group = read_image(picture), path.stem.split("_")[0]
        items = [item for item in truth.get("items", []) if item.get("text")]
        if "text" in truth or whole:
            yield group, image, truth.get("text") or "\n".join(item["text"] for item in items)
        else:
            for item in items:
                x, y, w, h = (int(side) for side in item["box"])
                left, top = max(0, x - _RIM), max(0, y - _RIM)
                yield group, image[top : y + h + _RIM, left : x + w + _RIM], item["text"]


def _table(tallies: dict[str, Tally]) -> Table:
    table = Table(title="character error rates")
    for name in ("group", "read", "CER", "median", "+ blanks", "choices", "of"):
        table.add_column(name, justify="left" if name == "group" else "right")
    table.add_column("CPU s", justify="right")
    table.add_column("CPU s max", justify="right")
    for group, tally in sorted(tallies.items()):
        table.add_row(group, *tally.cells())
    return table
