"""Operate a stack: watch, find, give back and tell again; on AWS or on the demo that is up.

Exit codes: 0 all well, 1 something is wrong or nothing was done, 2 the stack cannot be reached or
the command was not understood.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import HEAVY_HEAD, Box
from rich.console import Console
from rich.live import Live
from rich.progress import track
from rich.table import Table

import analysis
from academy_worker.operate.checks import Check, local_checks, stack_checks
from academy_worker.operate.dead_letters import (
    NOTIFY_DLQ,
    depths,
    letters,
    quarantined,
    retell,
)
from academy_worker.operate.listing import Wanted, facts, find_jobs, seconds
from academy_worker.operate.smoke import smoke as send_smoke
from academy_worker.operate.stack import Stack, StackError, find_stack
from jobs.contract.message import Tier
from jobs.redrive import redrive as revive
from jobs.row import Status

MODELS = Path(analysis.__file__ or "").parent / "models"

Name = Annotated[
    str, typer.Option("--stack", help="A deployed stack (or ACADEMY_STACK); else the demo.")
]
Profile = Annotated[str, typer.Option(help="As the AWS command line's.", envvar="AWS_PROFILE")]
Region = Annotated[str, typer.Option(help="As the AWS command line's.", envvar="AWS_REGION")]
Endpoint = Annotated[
    str, typer.Option("--endpoint-url", help="Another AWS endpoint.", envvar="AWS_ENDPOINT_URL")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Limit = Annotated[int, typer.Option(min=1, help="Stop after so many.")]
Since = Annotated[str, typer.Option(help="Admitted within: 90s, 15m, 2h, 3d.")]

_BRIEF = ("job_id", "status", "tier", "job_type", "admitted_at", "notify", "error_code")
"""Columns of `jobs`; --json has more."""

_LINE = 300
"""Characters a line of `jobs` may have, however narrow the terminal: an id must not be cut."""

app = typer.Typer()


@app.command()
def jobs(
    status: Annotated[Status | None, typer.Option(help="Where they stand.")] = None,
    code: Annotated[str, typer.Option(help="An error code; docs/errors.md lists them.")] = "",
    job_type: Annotated[str, typer.Option("--type", help="A job type.")] = "",
    tier: Annotated[Tier | None, typer.Option(help="Whose queue they came by.")] = None,
    since: Since = "1h",
    limit: Limit = 200,
    as_json: AsJson = False,
    stack: Name = "",
    profile: Profile = "",
    region: Region = "",
    endpoint: Endpoint = "",
) -> None:
    """List jobs by what became of them (a scan of the table; see docs/operate.md)."""
    found = reach(stack, profile, region, endpoint)
    wanted = Wanted(status or "", code, job_type, tier or "", time.time() - _span(since))
    rows = sorted(find_jobs(found, wanted, limit), key=lambda row: row.admitted_at)
    shown = [facts(row) for row in rows]
    if as_json:
        _print(shown, as_json)
    elif shown:
        brief = [{name: row.get(name, "") for name in _BRIEF} for row in shown]
        Console(width=_LINE).print(_table(brief, box=None))
    else:
        typer.echo(f"no such job was admitted within {since}", err=True)
    raise typer.Exit(0 if rows else 1)


@app.command()
def redrive(
    job_ids: Annotated[list[str] | None, typer.Argument(help="Failed jobs.")] = None,
    code: Annotated[str, typer.Option(help="All jobs that failed with this code.")] = "",
    since: Since = "1h",
    limit: Limit = 200,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
    stack: Name = "",
    profile: Profile = "",
    region: Region = "",
    endpoint: Endpoint = "",
) -> None:
    """Queue failed jobs again, as a new generation that the API is told of anew."""
    found = reach(stack, profile, region, endpoint)
    if not (job_ids or code):
        raise typer.BadParameter("name jobs, or a code with --code")
    wanted = Wanted("failed", code, since=time.time() - _span(since))
    ids = job_ids or [row.job_id for row in find_jobs(found, wanted, limit)]
    if ids and not yes and not typer.confirm(f"queue {len(ids)} jobs again?", err=True):
        raise typer.Exit(1)
    store, queues = found.store(), found.queues()
    done = [
        {"job_id": job_id, "queued": revive(store, queues, job_id) is not None}
        for job_id in _progress(ids, as_json)
    ]
    _print(done, as_json)
    raise typer.Exit(0 if done and all(item["queued"] for item in done) else 1)


@app.command("replay-notify")
def replay_notify(
    job_ids: Annotated[list[str] | None, typer.Argument(help="Ended jobs.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All letters of the notify DLQ.")] = False,
    limit: Limit = 200,
    as_json: AsJson = False,
    stack: Name = "",
    profile: Profile = "",
    region: Region = "",
    endpoint: Endpoint = "",
) -> None:
    """Tell the API an outcome once more, under the same Idempotency-Key."""
    found = reach(stack, profile, region, endpoint)
    if not (job_ids or dead):
        raise typer.BadParameter("name jobs, or --dead")
    store = found.store()
    told = [
        {"job_id": job_id, "told_again": store.tell_again(job_id)}
        for job_id in _progress(job_ids or [], as_json)
    ]
    if dead:
        told += [{"job_id": job_id, "told_again": True} for job_id in retell(found, limit)]
    _print(told, as_json)
    raise typer.Exit(0 if told and all(item["told_again"] for item in told) else 1)


@app.command()
def dlq(
    queue: Annotated[str, typer.Option(help="Which to look into.")] = NOTIFY_DLQ,
    limit: Limit = 50,
    as_json: AsJson = False,
    stack: Name = "",
    profile: Profile = "",
    region: Region = "",
    endpoint: Endpoint = "",
) -> None:
    """Show dead letters and quarantined messages, without taking or printing them."""
    found = reach(stack, profile, region, endpoint)
    counts = {name: n for name, n in depths(found).items() if name.endswith("-dlq")}
    if queue not in counts:
        raise typer.BadParameter(f"--queue is one of {', '.join(counts)}")
    shown = [asdict(letter) for letter in letters(found, queue, limit)]
    kept = quarantined(found, limit)
    if as_json:
        typer.echo(json.dumps({"depths": counts, "letters": shown, "quarantine": kept}))
    else:
        _print([{"queue": name, "letters": count} for name, count in counts.items()], False)
        _print(shown, False)
        _print([{"quarantined": key} for key in kept], False)
    raise typer.Exit(1 if any(counts.values()) else 0)


@app.command()
def watch(
    every: Annotated[float, typer.Option(min=0.5, help="s between two looks.")] = 2.0,
    times: Annotated[int, typer.Option(min=0, help="Stop after so many looks; 0 never.")] = 0,
    as_json: AsJson = False,
    stack: Name = "",
    profile: Profile = "",
    region: Region = "",
    endpoint: Endpoint = "",
) -> None:
    """Follow the queues of a stack live."""
    found = reach(stack, profile, region, endpoint)
    looks = 0
    with Live(console=Console(stderr=as_json), auto_refresh=False) as live:
        while not times or looks < times:
            now = depths(found)
            table = _table([{"queue": n, "waiting": c} for n, c in now.items()])
            if as_json:
                typer.echo(json.dumps({"at": round(time.time(), 1), "depths": now}))
            elif live.console.is_terminal:
                live.update(table, refresh=True)
            else:
                live.console.print(table)
            looks += 1
            if looks != times:
                time.sleep(every)


@app.command()
def doctor(
    local: Annotated[bool, typer.Option("--local", help="This machine only.")] = False,
    as_json: AsJson = False,
    stack: Name = "",
    profile: Profile = "",
    region: Region = "",
    endpoint: Endpoint = "",
) -> None:
    """Check credentials, queues, secrets, models, languages and fonts, and say what to do."""
    found: list[Check] = list(local_checks(MODELS))
    if not local:
        found += stack_checks(reach(stack, profile, region, endpoint))
    _print([asdict(check) for check in found], as_json)
    raise typer.Exit(1 if any(check.verdict == "failed" for check in found) else 0)


@app.command()
def smoke(
    patience: Annotated[float, typer.Option(min=1, help="s to wait for each outcome.")] = 120.0,
    as_json: AsJson = False,
    stack: Name = "",
    profile: Profile = "",
    region: Region = "",
    endpoint: Endpoint = "",
) -> None:
    """Send a few harmless jobs through a stack and check what becomes of them."""
    found = reach(stack, profile, region, endpoint)
    checks = list(track(send_smoke(found, patience), total=5, console=Console(stderr=True)))
    _print([asdict(check) for check in checks], as_json)
    raise typer.Exit(1 if any(check.verdict == "failed" for check in checks) else 0)


def reach(name: str, profile: str, region: str, endpoint: str) -> Stack:
    """Find the stack, or end the command with what to set."""
    try:
        return find_stack(name, profile, region, endpoint)
    except StackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _span(text: str) -> float:
    try:
        return seconds(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _progress(ids: list[str], quiet: bool) -> Iterable[str]:
    return ids if quiet else track(ids, console=Console(stderr=True))


def _print(items: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(items, ensure_ascii=False))
    elif items:
        Console().print(_table(items))


def _table(items: list[dict[str, Any]], box: Box | None = HEAVY_HEAD) -> Table:
    names = list(dict.fromkeys(name for item in items for name in item))
    table = Table(*names, box=box)
    for item in items:
        table.add_row(*[_cell(name, item.get(name, "")) for name in names])
    return table


def _cell(name: str, value: Any) -> str:
    if name.endswith("_at") and isinstance(value, int | float):
        return time.strftime("%m-%d %H:%M:%S", time.localtime(value))
    return str(value)
