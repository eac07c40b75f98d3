"""`academy-worker sbom`: what the container image is made of."""

from pathlib import Path
from typing import Annotated

import typer

from academy_worker.sbom import bill, image_environment, lock_text, read_lock

app = typer.Typer()

_ROOT = Path(__file__).parents[3]


@app.command()
def sbom(
    lock: Annotated[Path, typer.Option(help="The image's lock file.")] = _ROOT
    / "requirements/analysis.txt",
    out: Annotated[Path | None, typer.Option(help="Where to write it; else print it.")] = None,
    python: Annotated[str, typer.Option(help="The image's Python.")] = "3.13",
    version: Annotated[str, typer.Option(help="The image's tag.")] = "0.1.0",
) -> None:
    """Write the software bill of materials of the image, CycloneDX 1.6 JSON."""
    environment = image_environment(python)
    packages = read_lock(lock_text(lock), environment)
    text = bill(packages, environment, version)
    if out is None:
        typer.echo(text, nl=False)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text)
    typer.echo(f"{out}: {len(packages)} packages")
