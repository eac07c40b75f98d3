"""`academy-worker video`: pages of films, judged against the truth or laid out on one picture."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(name="video", help="Homework videos: accuracy and contact sheets.")


@app.command("evaluate")
def evaluate(
    truth_dir: Annotated[Path, typer.Argument(help="Folder with films and NAME.json beside them.")],
    segments: Annotated[int, typer.Option(min=1, help="Read in this many parts.")] = 1,
    fast: Annotated[bool, typer.Option(help="Decode by key frames only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find the pages of every film and compare them with its truth."""
    from analysis.video.evaluation import evaluate_film, overall

    rows: list[tuple[str, Any]] = []
    for path in sorted(truth_dir.glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        film = truth_dir / str(truth.get("file", f"{path.stem}.mp4"))
        if "holds" in truth and film.exists():
            rows.append((path.stem, evaluate_film(film, truth, segments=segments, fast=fast)))
    if not rows:
        raise typer.BadParameter(f"no film with its truth in {truth_dir}")
    total = overall([score for _, score in rows])
    if as_json:
        films = {name: score.as_dict() for name, score in rows}
        typer.echo(json.dumps({"films": films, "total": total}, indent=1))
        return
    _print(rows, total)


@app.command("contact-sheet")
def contact_sheet(
    film: Annotated[Path, typer.Argument(help="A video.")],
    out: Annotated[Path, typer.Option(help="The picture to write.")] = Path("pages.jpg"),
) -> None:
    """Lay the pages of a film out on one picture, with times and scores."""
    from analysis.image import encode_jpeg
    from analysis.video.analyse import analyse
    from analysis.video.contact_sheet import contact_sheet as draw

    found = analyse(film)
    out.write_bytes(encode_jpeg(draw(found.pages), 82))
    typer.echo(f"{len(found.pages)} pages on {out}")


def _print(rows: list[tuple[str, Any]], total: dict[str, float]) -> None:
    table = Table("film", "pages", "found", "twice", "missed", "good", "mid-turn", "CPU s")
    for name, one in rows:
        table.add_row(
            name,
            str(one.pages),
            str(one.found),
            str(one.duplicates),
            str(one.pages - one.distinct),
            str(one.good),
            str(one.mid_turn),
            f"{one.cpu:.1f}",
        )
    console = Console()
    console.print(table)
    for name, value in total.items():
        console.print(f"{name:>28}  {value:.3f}")
