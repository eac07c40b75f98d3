"""From a payload of `problem_generation` to its result."""

from analysis.problem.generator import Generated, Generation, generate
from functions.language_model import LanguageModelSettings, client
from jobs.contract.problem import Problem, ProblemPayload, ProblemResult, ProblemUsage
from jobs.settings import EnvSettings
from jobs.workspace import Workspace

MARGIN = 10.0
"""s kept free of the network for writing the result."""


class ProblemSettings(EnvSettings):
    """The model's name at the provider."""

    problem_gen_model: str = "gpt-4.1-mini"


def problems_of(payload: ProblemPayload, workspace: Workspace) -> ProblemResult:
    """Generate and word the result."""
    model = ProblemSettings.load().problem_gen_model

    def remaining() -> float:
        return workspace.remaining() - MARGIN

    generation = generate(
        client(LanguageModelSettings.load(), remaining()),
        model,
        payload.ocr_text,
        remaining,
        count=payload.count,
        variation=payload.variation,
    )
    return _result(generation, model)


def _result(generation: Generation, model: str) -> ProblemResult:
    problems = [_problem(item) for item in generation.problems]
    return ProblemResult(
        **problems[0].model_dump(),
        problems=problems,
        model=model,
        attempts=generation.attempts,
        dialect=generation.dialect,
        usage=ProblemUsage(
            prompt_tokens=generation.prompt_tokens,
            completion_tokens=generation.completion_tokens,
        ),
    )


def _problem(item: Generated) -> Problem:
    draft = item.draft
    return Problem(
        body=draft.body,
        choices=draft.choices,
        answer=item.answer,
        difficulty=draft.difficulty,
        tag=draft.tag,
        summary=draft.summary,
        explanation=draft.explanation,
        answer_check=item.verdict.value,
        missing_numbers=list(item.missing_numbers),
        refers_to_picture=item.refers_to_picture,
    )
