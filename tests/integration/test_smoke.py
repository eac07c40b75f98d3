"""`academy-worker smoke` on a whole stack, and on one whose reader does not work."""

import json

import pytest
from typer.testing import CliRunner

from academy_worker.embedded.engine import REGION, ROOT_KEY
from academy_worker.main import app
from academy_worker.operate.smoke import PAYLOAD
from tests.integration.conftest import Bench


@pytest.fixture(autouse=True)
def _administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ROOT_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ROOT_KEY)


def smoke(bench: Bench, patience: int) -> tuple[int, list[dict[str, str]]]:
    """The command's exit code and checks."""
    system = bench.system
    reached = ["--stack", system.deployment.stack, "--endpoint-url", system.engine.url]
    done = CliRunner().invoke(
        app, ["smoke", "--json", "--patience", str(patience), "--region", REGION, *reached]
    )
    return done.exit_code, json.loads(done.stdout.splitlines()[-1])


def test_a_stack_that_works_passes(bench: Bench) -> None:
    code, checks = smoke(bench, 60)

    assert [check["verdict"] for check in checks] == ["ok"] * 5, checks
    assert code == 0


def test_a_job_is_submitted_by_the_flags_of_the_aws_command_line(bench: Bench) -> None:
    system = bench.system
    reached = ["--stack", system.deployment.stack, "--endpoint-url", system.engine.url]
    payload = json.dumps(PAYLOAD, ensure_ascii=False)
    words = ["submit", "wrong_note", "--tier", "basic", "--payload", payload, "--json"]
    done = CliRunner().invoke(app, [*words, "--region", REGION, *reached])

    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert (shown["status"], shown["tier"]) == ("done", "basic")


def test_a_reader_that_fails_is_found(bench: Bench) -> None:
    bench.client("lambda").update_function_configuration(
        FunctionName=f"{bench.system.deployment.stack}-wrong-note", Handler="no.such.handler"
    )

    code, checks = smoke(bench, 5)

    assert {check["name"]: check["verdict"] for check in checks} == {
        "a job ends": "failed",
        "a tier that may not is refused": "ok",
        "what is no job, and another job under the same id, are kept": "ok",
        "a message sent twice is worked on once": "failed",
        "the API has been told": "failed",
    }
    assert code == 1
