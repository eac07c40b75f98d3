"""Job `problem_generation`: problems made from a question's recognised text."""

from typing import Annotated, Literal

from pydantic import Field

from jobs.contract.base import Payload, Result


class ProblemPayload(Payload):
    """The text as `ocr` read it; `variation` asks for the same skill with new numbers."""

    ocr_text: Annotated[str, Field(min_length=1, max_length=20_000)]
    count: Annotated[int, Field(ge=1, le=5)] = 1
    variation: bool = False


class Problem(Result):
    """`difficulty` 1-5; `answer` is one of `choices` where there are any, None if none is known.

    `answer_check`: `computed` the problem was solved here and agrees; `self_consistent` the
    model's own formula has the value of its answer; `wrong` one of the two disagrees; `unchecked`
    neither could be done. Anything but `computed` wants a look. `missing_numbers` stood in the
    recognised text and not in the problem (empty for a variation). `refers_to_picture`: the
    problem speaks of a drawing or table of the page that its text does not hold.
    """

    body: str
    choices: list[str]
    answer: str | None
    difficulty: Annotated[int, Field(ge=1, le=5)]
    tag: str
    summary: str
    explanation: str
    answer_check: Literal["computed", "self_consistent", "wrong", "unchecked"]
    missing_numbers: list[str] = []
    refers_to_picture: bool = False


class ProblemUsage(Result):
    """Tokens of all turns."""

    prompt_tokens: int
    completion_tokens: int


class ProblemResult(Problem):
    """The first problem at the top level, as ever; all of them in `problems`.

    `attempts` counts answers of the model; `dialect` is how the server could be asked: the
    Responses API, chat completions with a schema, or for plain JSON.
    """

    problems: list[Problem]
    model: str
    attempts: int
    dialect: Literal["responses", "chat", "plain"] = "chat"
    usage: ProblemUsage
