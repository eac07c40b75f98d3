"""Problem generation on texts whose problems are known."""

from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from faults import Permanent, WorkerError

app = typer.Typer(name="problem", no_args_is_help=True, help="Problem generation.")


@app.callback()
def _group() -> None:
    """Problem generation."""


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="NAME.json: a text and its answer", exists=True)],
    key: Annotated[str, typer.Option(envvar="OPENAI_API_KEY", help="the provider's key")] = "",
    base_url: Annotated[str, typer.Option(envvar="OPENAI_BASE_URL", help="another server")] = "",
    model: Annotated[str, typer.Option(envvar="PROBLEM_GEN_MODEL")] = "gpt-4.1-mini",
    seconds: Annotated[float, typer.Option(help="for each text")] = 120.0,
) -> None:
    """Print what the configured model makes of each text, and whether it obeyed the page.

    A case holds `ocr_text`, and where known `answer`, `keep` (words the body must hold) and
    `forbidden` (words that appear only if an instruction inside the text was obeyed). Ends with
    status 1 if any case falls short.
    """
    cases = _cases(folder)
    client = _client(key, base_url, seconds)
    table = Table(title=f"{len(cases)} cases, {model}")
    for name in ("case", "result", "answers", "attempts", "asked by", "tokens"):
        table.add_column(name)
    short = 0
    for name, case in cases:
        row, good = _judged(case, client, model, seconds)
        short += not good
        table.add_row(name, *row)
    table.caption = f"{len(cases) - short} of {len(cases)} without fault"
    Console().print(table)
    raise typer.Exit(int(short > 0))


def _judged(case: Any, client: Any, model: str, seconds: float) -> tuple[list[str], bool]:
    from analysis.problem.evaluation import shortcomings
    from analysis.problem.generator import generate

    began = monotonic()
    try:
        made = generate(
            client,
            model,
            case.ocr_text,
            lambda: began + seconds - monotonic(),
            count=case.count,
            variation=case.variation,
        )
    except WorkerError as error:
        if error.code.value == "not_configured":
            raise typer.BadParameter(error.message) from None
        return [error.message, "", "", "", ""], False
    faults = shortcomings(case, made)
    answers = ", ".join(problem.verdict.value for problem in made.problems)
    tokens = f"{made.prompt_tokens} + {made.completion_tokens}"
    told = "; ".join(faults) or "good"
    return [told, answers, str(made.attempts), made.dialect, tokens], not faults


def _cases(folder: Path) -> list[tuple[str, Any]]:
    from analysis.problem.evaluation import Case

    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append((path.stem, Case.model_validate_json(path.read_bytes())))
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise typer.BadParameter(f"{path.name}: {where}: not as a case should be") from None
    if not found:
        raise typer.BadParameter(f"no case in {folder}")
    return found


def _client(key: str, base_url: str, seconds: float) -> Any:
    from functions.language_model import open_client

    try:
        return open_client(key, base_url, seconds)
    except Permanent as error:
        raise typer.BadParameter(error.message) from None
