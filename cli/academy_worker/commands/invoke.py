"""`academy-worker invoke`: one function on one event, under the Lambda runtime emulator."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from academy_worker.embedded.cfn_yaml import load_template
from academy_worker.embedded.engine import REGION, EngineError
from academy_worker.embedded.golden import NotAdmitted, admit_jobs_of, hold_back
from academy_worker.embedded.localise import FunctionSource, Unmappable, function_source
from academy_worker.embedded.project import TEMPLATE
from academy_worker.embedded.runtime_emulator import Invocation, Process
from academy_worker.embedded.runtime_emulator import invoke as emulate
from academy_worker.embedded.system import System, running_system
from academy_worker.embedded.watch import read_row

app = typer.Typer()


@app.command()
def invoke(
    function: Annotated[str, typer.Argument(help="Like ocr, omr_grading or admit.")],
    event: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The event, JSON.")],
) -> None:
    """Run one function on an event, with the role, variables and timeout of the template.

    Tables, queues and files are the embedded engine's; the jobs the event speaks of are admitted
    first. Exits 1 if the handler fails or keeps a message.
    """
    console = Console()
    source = _source(function)
    try:
        with running_system() as system:
            hold_back(system)
            jobs = admit_jobs_of(event, system)
            process = _process(system, source, function)
            log = system.engine.folder / "invoke.log"
            done = emulate(process, json.loads(event.read_text(encoding="utf-8")), log)
            _show(console, system, done, jobs)
    except (EngineError, NotAdmitted) as error:
        console.print(Text(str(error), style="red"))
        raise typer.Exit(2) from None
    raise typer.Exit(1 if done.failed else 0)


def _source(function: str) -> FunctionSource:
    """Find a function of the template by its name without the stack's."""
    template = load_template(TEMPLATE)
    name = "".join(part.capitalize() for part in function.replace("-", "_").split("_"))
    try:
        return function_source(TEMPLATE, template, f"{name}Function")
    except KeyError:
        raise typer.BadParameter(f"the template has no {name}Function") from None
    except Unmappable as error:
        raise typer.BadParameter(str(error)) from None


def _process(system: System, source: FunctionSource, function: str) -> Process:
    """Start it as the deployed one is: its variables, its timeout, its role's rights alone."""
    name = f"{system.deployment.stack}-{function.replace('_', '-')}"
    deployed: dict[str, Any] = system.engine.client("lambda").get_function_configuration(
        FunctionName=name
    )
    role = system.engine.client("sts").assume_role(
        RoleArn=deployed["Role"], RoleSessionName="invoke"
    )["Credentials"]
    env = deployed.get("Environment", {}).get("Variables", {}) | {
        "AWS_ENDPOINT_URL": system.engine.url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": role["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": role["SecretAccessKey"],
        "AWS_SESSION_TOKEN": role["SessionToken"],
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return Process(
        source.handler,
        source.folder,
        source.imports,
        env,
        deployed["Timeout"],
        deployed["MemorySize"],
        name,
    )


def _show(console: Console, system: System, done: Invocation, jobs: list[str]) -> None:
    typer.echo(done.spoken)
    console.print_json(json.dumps(done.answer, ensure_ascii=False))
    for job_id in jobs:
        row = read_row(system, job_id)
        if row is not None:
            told = row.result or row.error_message or row.result_ref or ""
            console.print(
                Text(f"{job_id}: {row.status.value} {row.error_code or ''} {told[:2000]}")
            )
