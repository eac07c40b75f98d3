"""Embeddings on triplets of texts."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analysis.embedding.backend import Backend
from analysis.embedding.evaluation import (
    Quality,
    Split,
    by_cosine_alone,
    compared,
    judged,
    triplets,
)
from faults import Permanent

app = typer.Typer(name="embedding", no_args_is_help=True, help="Embeddings.")


@app.callback()
def _group() -> None:
    """Embeddings."""


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="lines: text, alike, tricky, by tabs", exists=True)],
    split: Annotated[Split, typer.Option(help="odd lines (tuning), even ones (held-out)")] = "all",
    onnx: Annotated[Path | None, typer.Option(help="a sentence-transformers directory")] = None,
) -> None:
    """Print how well a backend tells texts apart, by cosine and by the problem score."""
    try:
        rows = triplets(file, split)
        engine = _engine(onnx)
        data = compared(rows, engine)
    except Permanent as error:
        raise typer.BadParameter(error.message) from None
    texts = [text for row in rows for text in row]
    started = time.process_time()
    engine.encode(texts)
    pace = len(texts) / max(time.process_time() - started, 1e-9)
    table = _table({"cosine": by_cosine_alone(data), "problem score": judged(data)})
    table.caption = f"{engine.model}, {engine.dimension} dimensions, {pace:.0f} texts/s of CPU"
    table.title = f"{len(rows)} triplets of {file.name}"
    Console().print(table)


def _engine(onnx: Path | None) -> Backend:
    if onnx is None:
        from analysis.embedding.local import LocalBackend
        from analysis.embedding.school_reading import SchoolReading

        return SchoolReading(LocalBackend())
    from analysis.embedding.onnx_directory import OnnxDirectory

    return OnnxDirectory(onnx)


def _table(found: dict[str, Quality]) -> Table:
    crowd = next(iter(found.values())).crowd
    table = Table()
    for name in ("score", "AUC", f"nearest of {crowd}", "triplets in order"):
        table.add_column(name, justify="left" if name == "score" else "right")
    for name, quality in found.items():
        table.add_row(
            name, f"{quality.auc:.3f}", f"{quality.nearest:.3f}", f"{quality.triplets:.3f}"
        )
    return table
