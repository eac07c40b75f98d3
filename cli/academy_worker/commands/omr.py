"""`academy-worker omr`: print answer sheets, and measure the reader."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from academy_worker.omr_evaluation import BANDS, Tally, evaluate

FONT = Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")
app = typer.Typer(no_args_is_help=True, help="Answer sheets.")


@app.command()
def sheet(
    out: Annotated[Path, typer.Option(help="The PDF to write.")] = Path("sheet.pdf"),
    questions: Annotated[int, typer.Option(min=1, max=60, help="Questions.")] = 30,
    choices: Annotated[int, typer.Option(min=2, max=10, help="Bubbles a question.")] = 5,
    meta: Annotated[Path | None, typer.Option(help="A template meta of your own.")] = None,
    title: Annotated[str, typer.Option(help="Printed at the top.")] = "OMR 답안지",
    font: Annotated[Path, typer.Option(help="TrueType font with Hangul.")] = FONT,
) -> None:
    """Draw a sheet from its meta, and write the meta beside it."""
    from analysis.omr.sheet_pdf import sheet_pdf
    from analysis.omr.standard_form import standard_meta

    form = json.loads(meta.read_text("utf-8")) if meta else standard_meta(questions, choices)
    out.write_bytes(sheet_pdf(form, str(font), title))
    beside = out.with_suffix(".json")
    beside.write_text(json.dumps(form, ensure_ascii=False, indent=1), encoding="utf-8")
    typer.echo(f"wrote {out} and {beside}")


@app.command(name="evaluate")
def evaluate_folder(
    folder: Annotated[Path, typer.Argument(help="Pictures with truths, NAME.jpg + NAME.json.")],
    mistakes: Annotated[bool, typer.Option(help="List silent errors and rejections.")] = False,
) -> None:
    """Print the table of a bench folder by condition."""
    show(evaluate(folder), mistakes=mistakes)


def show(tallies: dict[str, Tally], *, mistakes: bool) -> None:
    """Print the table by condition and the calibration curve; with `mistakes`, each of them."""
    console = Console(width=150)
    console.print(_table(tallies))
    console.print(_curve(tallies["all"]))
    if mistakes:
        for line in tallies["all"].mistakes:
            console.print(line)


def _table(tallies: dict[str, Tally]) -> Table:
    table = Table(
        *("condition", "sheets", "questions", "right %", "silent %", "95 % bound", "flagged %"),
        *("exact %", "id right %", "id silent", "rejected %", "sheets/s"),
    )
    for name, tally in sorted(tallies.items(), key=lambda item: (item[0] == "all", item[0])):
        read = max(1, tally.sheets - tally.rejected)
        asked = max(1, tally.questions)
        table.add_row(
            name,
            str(tally.sheets),
            str(tally.questions),
            f"{100 * tally.right / asked:.2f}",
            f"{100 * tally.silent / asked:.3f}",
            f"{100 * tally.bound():.3f}",
            f"{100 * tally.flagged / asked:.1f}",
            f"{100 * tally.exact / max(1, tally.sheets):.0f}",
            f"{100 * tally.identifier_right / read:.1f}",
            str(tally.identifier_silent),
            f"{100 * tally.rejected / max(1, tally.sheets):.1f}",
            f"{tally.sheets / max(1e-9, tally.seconds):.1f}",
        )
    return table


def _curve(whole: Tally) -> Table:
    table = Table("confidence from", "answers", "wrong", "wrong %", title="Calibration")
    for low, answers, wrong in zip(BANDS, whole.answers, whole.wrong, strict=True):
        share = f"{100 * wrong / answers:.2f}" if answers else "-"
        table.add_row(f"{low:.2f}", str(answers), str(wrong), share)
    return table
