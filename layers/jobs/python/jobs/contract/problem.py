"""Job `problem_generation`: a problem made from a question's recognised text."""

from typing import Annotated

from pydantic import Field

from jobs.contract.base import Payload, Result


class ProblemPayload(Payload):
    """The text as `ocr` read it."""

    ocr_text: Annotated[str, Field(min_length=1, max_length=20_000)]


class ProblemResult(Result):
    """`difficulty` is 1-5; `answer` None where none can be told."""

    body: str
    choices: list[str]
    answer: str | None
    difficulty: Annotated[int, Field(ge=1, le=5)]
    tag: str
    summary: str
    explanation: str
