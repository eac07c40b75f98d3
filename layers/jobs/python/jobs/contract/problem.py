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

    `answer_check` says what computing the answer showed; anything but `right` wants a look.
    """

    body: str
    choices: list[str]
    answer: str | None
    difficulty: Annotated[int, Field(ge=1, le=5)]
    tag: str
    summary: str
    explanation: str
    answer_check: Literal["right", "wrong", "unchecked"]


class ProblemUsage(Result):
    """Tokens of all turns."""

    prompt_tokens: int
    completion_tokens: int


class ProblemResult(Problem):
    """The first problem at the top level, as ever; all of them in `problems`."""

    problems: list[Problem]
    model: str
    attempts: int
    usage: ProblemUsage
