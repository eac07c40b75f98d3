"""`academy-worker submit` and `job`, of the system a `demo --keep` left up or of any stack."""

import json
import os
import time
import uuid
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
from academy_worker.operate.smoke import until
from academy_worker.operate.stack import STACK_VARIABLE, Stack
from academy_worker.payloads import LINK, payload_file, payload_option, takes_link
from faults import Permanent
from jobs.contract.message import JobType, Tier
from jobs.row import JobRow, Status

TIMEOUT = 120.0
"""s to wait for a job of one's own."""

_DEFAULTS: dict[JobType, dict[str, Any]] = {JobType.OMR_GRADING: {"question_count": 20}}
"""Payload fields where none are given: a sheet of the sample's template."""

app = typer.Typer()


@app.command()
def submit(
    job_type: Annotated[JobType, typer.Argument(help="What is to be done.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True, dir_okay=False, help="A picture, document or video; or JSON, the payload."
        ),
    ] = None,
    tier: Annotated[Tier, typer.Option(help="Whose queue it goes on.")] = Tier.PREMIUM,
    payload: Annotated[
        str, typer.Option(help="Further payload fields: JSON, or @file with JSON.")
    ] = "{}",
    patience: Annotated[float, typer.Option(min=0, help="s to wait for the end.")] = TIMEOUT,
    as_json: AsJson = False,
    stack: Name = "",
    profile: Profile = "",
    region: Region = "",
    endpoint: Endpoint = "",
) -> None:
    """Send a job, to a stack or to the running demo, and wait for its end."""
    fields = _from_file(job_type, file) if file else {}
    fields |= payload_option(payload) or _DEFAULTS.get(job_type, {})
    if stack or os.environ.get(STACK_VARIABLE):
        if isinstance(fields.get(LINK), Path):
            raise typer.BadParameter("a stack fetches links: --payload '{\"download_url\": ...}'")
        found = reach(stack, profile, region, endpoint)
        _submit_to(found, job_type, tier, fields, patience, as_json)
        return
    job = DemoJob(file.name if file else job_type.value, tier.value, job_type.value, fields)
    watch = Watch(_system())
    watch.send([job])
    if not as_json:
        typer.echo(f"ID={job.job_id}")
    seen = watch.follow(patience, lambda _: None)[0]
    if as_json:
        typer.echo(json.dumps(seen.told and seen.told["body"], ensure_ascii=False))
    else:
        _show_outcome(seen, patience)
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
    if stack or as_json or os.environ.get(STACK_VARIABLE):
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


def _submit_to(
    stack: Stack,
    job_type: JobType,
    tier: Tier,
    payload: dict[str, Any],
    patience: float,
    as_json: bool,
) -> None:
    job_id = f"cli-{uuid.uuid4().hex[:16]}"
    body = {"job_id": job_id, "job_type": job_type.value, "payload": payload}
    stack.send(tier.value, json.dumps(body, ensure_ascii=False))
    typer.echo(f"ID={job_id}", err=as_json)
    store = stack.store()
    with Console(stderr=True).status("waiting for its end"):
        row = until(
            lambda: store.get(job_id), patience, lambda row: row is not None and row.terminal
        )
    if row is None:
        typer.echo("not admitted yet", err=True)
        raise typer.Exit(1)
    _show(row, as_json)
    raise typer.Exit(0 if row.status is Status.DONE else 1)


def _show_row(job_id: str, stack: Stack, as_json: bool) -> None:
    row = stack.store().get(job_id)
    if row is None:
        typer.echo(f"there is no job {job_id}", err=True)
        raise typer.Exit(1)
    _show(row, as_json)


def _show(row: JobRow, as_json: bool) -> None:
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


def _from_file(job_type: JobType, file: Path) -> dict[str, Any]:
    try:
        return {LINK: file} if takes_link(job_type) else payload_file(file)
    except Permanent as error:
        raise typer.BadParameter(error.message) from None


def _show_outcome(seen: Seen, patience: float) -> None:
    console = Console()
    if seen.told is None:
        console.print(f"{seen.state}: no outcome after {patience:.0f} s")
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
