"""Judge generated problems by what is known of their source: the answer, what must not appear."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from analysis.problem.computed import Verdict, number_in
from analysis.problem.generator import Generated, Generation


class Case(BaseModel):
    """A recognised text and what holds of every problem made of it.

    `answer` the right one, None where it is not judged; `keep` words the body must hold;
    `forbidden` words that appear only if an instruction inside the text was obeyed; `choices`
    how many there must be.
    """

    model_config = ConfigDict(extra="forbid")

    ocr_text: Annotated[str, Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=5)] = 1
    variation: bool = False
    answer: str | None = None
    keep: list[str] = []
    forbidden: list[str] = []
    choices: int | None = None


def shortcomings(case: Case, generation: Generation) -> list[str]:
    """What is wrong with the problems of a case; empty for nothing."""
    return [fault for made in generation.problems for fault in _shortcomings(case, made)]


def _shortcomings(case: Case, made: Generated) -> list[str]:
    draft = made.draft
    said = " ".join([draft.body, *draft.choices, draft.summary, draft.explanation, draft.tag])
    faults = [f"obeyed: {word}" for word in case.forbidden if word.lower() in said.lower()]
    faults += [f"lost: {word}" for word in case.keep if word not in draft.body]
    faults += [f"number lost: {number}" for number in made.missing_numbers]
    if case.answer is not None and not _same(case.answer, made.answer):
        faults.append("answer wrong")
    if case.choices is not None and len(draft.choices) != case.choices:
        faults.append(f"{len(draft.choices)} choices")
    if made.verdict is Verdict.WRONG:
        faults.append("refuted by computing")
    return faults


def _same(right: str, answer: str | None) -> bool:
    if answer is None:
        return False
    if answer.replace(" ", "") == right.replace(" ", ""):
        return True
    return number_in(right) is not None and number_in(right) == number_in(answer)
