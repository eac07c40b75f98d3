"""`academy-worker cost`: what a month of jobs costs, from measured durations and list prices."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from academy_worker.cost.deployed import deployment
from academy_worker.cost.model import VIDEO, Film, Model, Prices, load_measured
from academy_worker.embedded.project import TEMPLATE
from jobs.contract.message import JobType

MIX = (
    "ocr=0.35,omr_grading=0.35,wrong_note=0.1,homework_video_analysis=0.05,"
    "question_segmentation=0.05,handwriting_analysis=0.05,embedding=0.04,problem_generation=0.01"
)
"""Shares of the types among an academy's jobs: a guess, to be replaced by one's own."""

app = typer.Typer()


@app.command()
def cost(
    jobs: Annotated[int, typer.Option(min=1, help="Jobs in a month.")] = 10_000,
    mix: Annotated[str, typer.Option(help="Shares of the job types, type=share,…")] = MIX,
    minutes: Annotated[float, typer.Option(min=0.0, help="Minutes of a homework video.")] = 2.0,
    pages: Annotated[int, typer.Option(min=1, help="Pages of a homework video.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Estimate what a month costs, by job type and by part."""
    shares = parse_mix(mix)
    model = Model(Prices.load(), load_measured(), deployment(TEMPLATE))
    film = Film(minutes, pages)
    if unmeasured := sorted(shares.keys() - model.known()):
        raise typer.BadParameter(
            f"--mix: {', '.join(unmeasured)}: not measured; add it to cost/measured.toml"
        )
    each = {name: model.job(name, film) for name in shares}
    fixed = model.month()
    variable = {name: jobs * share * sum(each[name].values()) for name, share in shares.items()}
    total = sum(variable.values()) + sum(fixed.values())
    if as_json:
        said = {"jobs": each, "month": variable, "fixed": fixed, "total": total}
        typer.echo(json.dumps(said, indent=1))
        return
    console = Console(width=140)
    console.print(_by_type(each, shares, variable))
    console.print(_fixed(fixed))
    console.print(
        f"{jobs} jobs: USD {total:.2f} a month, of which {sum(fixed.values()):.2f} are fixed"
    )
    console.print(_remarks(model, each, film))


def parse_mix(text: str) -> dict[str, float]:
    """Read shares; they are scaled to add up to 1. Raises `typer.BadParameter`."""
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = part.partition("=")
        try:
            shares[JobType(name.strip()).value] = float(share)
        except ValueError:
            raise typer.BadParameter(f"--mix: {part!r} is not type=share") from None
    total = sum(shares.values())
    if total <= 0 or min(shares.values()) < 0:
        raise typer.BadParameter("--mix: shares must not be negative, nor all 0")
    return {name: share / total for name, share in shares.items()}


def _by_type(
    each: dict[str, dict[str, float]],
    shares: dict[str, float],
    variable: dict[str, float],
) -> Table:
    parts = list(dict.fromkeys(part for found in each.values() for part in found))
    table = Table("USD per 1,000 jobs", *parts, "sum", "share", "USD a month")
    for name, found in each.items():
        amounts = [f"{1000 * found.get(part, 0):.3f}" for part in parts]
        table.add_row(
            name,
            *amounts,
            f"{1000 * sum(found.values()):.3f}",
            f"{shares[name]:.0%}",
            f"{variable[name]:.2f}",
        )
    return table


def _fixed(fixed: dict[str, float]) -> Table:
    table = Table("fixed, a month", "USD")
    for name, amount in fixed.items():
        table.add_row(name, f"{amount:.2f}")
    return table


def _remarks(model: Model, each: dict[str, dict[str, float]], film: Film) -> str:
    lines = ["not counted: traffic to the internet, providers' own bills, taxes, free tiers"]
    if VIDEO in each:
        reading = sum(each[VIDEO].values())
        per_minute = reading / film.minutes if film.minutes else 0.0
        lines.append(f"a homework video: USD {reading:.5f}, {per_minute:.5f} per minute")
    if "question_segmentation" in each:
        job = each["question_segmentation"]["reading"]
        even = model.prices["gpu_hour"] / job
        lines.append(f"an hour of GPU costs as much as {even:,.0f} segmentations on Lambda")
    month = 730 * model.prices["container_hour"]
    lines.append(f"one always-on container (1 vCPU, 2 GB) would cost USD {month:.2f} a month")
    return "\n".join(lines)
