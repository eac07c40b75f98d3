"""`academy-worker submit` to the system a `demo --keep` left up, and `job` of any stack."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from academy_worker.commands.operate import AsJson, Endpoint, Name, Profile, Region, reach
from academy_worker.embedded.demo_jobs import DemoJob
from academy_worker.embedded.system import NotRunning, System
from academy_worker.embedded.watch import Seen, Watch, read_row
from academy_worker.operate.listing import facts
from academy_worker.operate.stack import Stack
from jobs.contract.message import JobType, Tier
from jobs.row import JobRow

TIMEOUT = 120.0
"""s to wait for a job of one's own."""

_DEFAULTS: dict[JobType, dict[str, Any]] = {JobType.OMR_GRADING: {"question_count": 20}}
"""Payload fields where none are given: a sheet of the sample's template."""

app = typer.Typer()


@app.command()
def submit(
    job_type: Annotated[JobType, typer.Argument(help="What is to be done.")],
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False)] = None,
    tier: Annotated[Tier, typer.Option(help="Whose queue it goes on.")] = Tier.PREMIUM,
    payload: Annotated[str, typer.Option(help="More payload fields, as JSON.")] = "{}",
) -> None:
    """Send a job to the running demo and wait for what the API is told."""
    fields: dict[str, Any] = {"download_url": file} if file else {}
    fields |= _object(payload) or _DEFAULTS.get(job_type, {})
    job = DemoJob(file.name if file else job_type.value, tier.value, job_type.value, fields)
    watch = Watch(_system())
    watch.send([job])
    typer.echo(f"ID={job.job_id}")
    seen = watch.follow(TIMEOUT, lambda _: None)[0]
    _show_outcome(seen)
    raise typer.Exit(0 if seen.told and seen.told["body"]["status"] == "done" else 1)


@app.command()
def job(
    job_id: Annotated[str, typer.Argument(help="As `submit` printed it.")],
    as_json: AsJson = False,
    stack: Name = "",
    profile: Profile = "",
    region: Region = "",
    endpoint: Endpoint = "",
) -> None:
    """Show a job: its row and its times; of the running demo, also what the API was told."""
    if stack or as_json:
        _show_row(job_id, reach(stack, profile, region, endpoint), as_json)
        return
    system = _system()
    row = read_row(system, job_id)
    if row is None:
        typer.echo(f"there is no job {job_id}", err=True)
        raise typer.Exit(1)
    posts = [
        post for post in system.stand_in.posts() if (post["body"] or {}).get("job_id") == job_id
    ]
    console = Console()
    for name, value in _row_facts(row).items():
        console.print(Text(f"{name:<14}{value}"))
    for post in posts:
        again = ", told before" if post["repeated"] else ""
        console.print(Text(f"API at {_moment(post['at'])}: {post['status']}{again}"))
        console.print_json(json.dumps(post["body"], ensure_ascii=False))


def _show_row(job_id: str, stack: Stack, as_json: bool) -> None:
    row = stack.store().get(job_id)
    if row is None:
        typer.echo(f"there is no job {job_id}", err=True)
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(facts(row), ensure_ascii=False))
        return
    for name, value in _row_facts(row).items():
        Console().print(Text(f"{name:<14}{value}"))


def _system() -> System:
    try:
        return System.load()
    except NotRunning as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        raise typer.BadParameter("payload must be JSON") from None
    if not isinstance(value, dict):
        raise typer.BadParameter("payload must be a JSON object")
    return value


def _show_outcome(seen: Seen) -> None:
    console = Console()
    if seen.told is None:
        console.print(f"{seen.state}: no outcome after {TIMEOUT:.0f} s")
    else:
        console.print_json(json.dumps(seen.told["body"], ensure_ascii=False))


def _row_facts(row: JobRow) -> dict[str, str]:
    told = row.notify.value if row.notify else "not yet"
    facts = {
        "job": row.job_id,
        "status": row.status.value,
        "tier": row.tier.value,
        "type": row.job_type,
        "attempts": str(row.attempt),
        "generation": str(row.generation),
        "admitted": _moment(row.admitted_at),
        "started": _moment(row.started_at),
        "finished": _moment(row.finished_at),
        "API": f"{told} {_moment(row.notified_at)}",
    }
    if row.error_code:
        facts["error"] = f"{row.error_code}: {row.error_message}"
    return facts


def _moment(at: float | None) -> str:
    if at is None:
        return "–"
    return time.strftime("%H:%M:%S", time.localtime(at)) + f".{int(at % 1 * 1000):03d}"
