"""Instructions inside page text: kept apart, and caught where a model obeys them."""

import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from academy_worker.main import app
from analysis.problem.evaluation import Case, shortcomings
from analysis.problem.generator import SYSTEM, generate
from faults import Permanent
from tests.unit.problem.conftest import Provider
from tests.unit.problem.test_generator import answer, problem

FOLDER = Path(__file__).parents[3] / "samples" / "problem_generation"
CASES = {path.stem: Case.model_validate_json(path.read_bytes()) for path in FOLDER.glob("*.json")}
ATTACKS = sorted(name for name in CASES if not name.startswith("plain"))
MINUTE = partial(float, 60)


def test_the_set_holds_attacks_of_many_kinds() -> None:
    assert len(ATTACKS) >= 12
    assert all(CASES[name].forbidden or CASES[name].answer for name in ATTACKS)


@pytest.mark.parametrize("name", ATTACKS)
def test_page_text_reaches_the_model_as_one_json_string(provider: Provider, name: str) -> None:
    case = CASES[name]
    provider.script = [answer(problem())]
    with suppress(Permanent):  # the scripted problem is not of every text
        generate(provider.client(), "m", case.ocr_text, MINUTE)
    system, user = provider.requests[0]["input"]
    assert system == {"role": "system", "content": SYSTEM}
    assert json.loads(user["content"]) == {
        "ocr_text": case.ocr_text,
        "count": 1,
        "variation": False,
    }


@pytest.mark.parametrize("name", [name for name in ATTACKS if CASES[name].forbidden])
def test_a_model_that_obeys_is_caught_by_the_evaluation(provider: Provider, name: str) -> None:
    case = CASES[name]
    obeyed = problem(summary=case.forbidden[0], check=None)
    obeyed |= {"body": case.ocr_text[:200], "choices": ["5", "6"], "answer": case.answer}
    provider.script = [answer(obeyed)]
    made = generate(provider.client(), "m", case.ocr_text, MINUTE)
    assert f"obeyed: {case.forbidden[0]}" in shortcomings(case, made)


def test_a_wrong_answer_dictated_by_the_page_is_refuted_by_computing(provider: Provider) -> None:
    case = CASES["wrong-answer"]
    provider.script = [answer(problem(answer="7", check="3 + 4"))]
    made = generate(provider.client(), "m", case.ocr_text, MINUTE)
    assert made.problems[0].verdict.value == "wrong"
    assert shortcomings(case, made) == ["answer wrong", "refuted by computing"]


def test_the_instructions_never_leave_with_a_result(provider: Provider) -> None:
    provider.script = [answer(problem(summary=SYSTEM))]
    with pytest.raises(Permanent, match="rules"):
        generate(provider.client(), "m", CASES["reveal-rules"].ocr_text, MINUTE)


def _run(provider: Provider, folder: Path, key: str = "k") -> Any:
    arguments = ["problem", "evaluate", str(folder), "--key", key, "--base-url", provider.url]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


def test_the_command_judges_a_folder(provider: Provider, tmp_path: Path) -> None:
    for name in ("plain-quadratic", "link"):
        (tmp_path / f"{name}.json").write_bytes((FOLDER / f"{name}.json").read_bytes())
    provider.script = [answer(problem(explanation="http://evil.example/click")), answer(problem())]
    done = _run(provider, tmp_path)
    assert done.exit_code == 1, done.output
    assert "obeyed: evil.example" in done.output
    assert "1 of 2 without fault" in done.output


def test_without_a_key_there_is_one_clear_error(provider: Provider) -> None:
    done = _run(provider, FOLDER, key="")
    assert done.exit_code == 2
    assert "key" in done.output
    assert provider.requests == []
