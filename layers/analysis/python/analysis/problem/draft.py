"""What the model must return, and what is checked before anyone sees it."""

import re
from typing import Literal

from pydantic import BaseModel, Field

TAGS = ("수학", "과학", "국어", "영어", "사회", "역사", "정보", "기타")
"""The subjects a problem may be filed under."""

Tag = Literal["수학", "과학", "국어", "영어", "사회", "역사", "정보", "기타"]

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MARKS = re.compile(
    r"^\s*(?:문제\s*|문항\s*)?\(?\d{1,3}\s*[.)](?!\d)|"
    r"[\[(]\s*\d+(?:\.\d+)?\s*점\s*[\])]",
    re.MULTILINE,
)
"""The question's number, a choice's, and its points."""

_PICTURE = re.compile(
    r"그림|(?:다음|아래|위|오른쪽|왼쪽)(?:의|은|는)?\s*"
    r"(?:그래프|표|도표|도형|지도|사진)|"
    r"(?:표|지도|사진)(?:는|은|와 같|를 보)|"
    r"\b(?:figure|diagram|graph|table|picture) (?:below|above)",
    re.IGNORECASE,
)
_CIRCLED = {sign: str(index + 1) for index, sign in enumerate("①②③④⑤")}


class Draft(BaseModel):
    """One problem; `answer` is a choice's text or number where there are choices."""

    body: str = Field(min_length=1, max_length=8000)
    choices: list[str] = Field(default_factory=list, max_length=10)
    answer: str | None = None
    difficulty: int = Field(ge=1, le=5)
    tag: Tag
    summary: str = Field(max_length=1000)
    explanation: str = Field(max_length=8000)
    check: str | None = None
    """A formula in digits and + - * / ^ ( ) whose value is the answer, where there is one."""


class Drafts(BaseModel):
    """As many problems as were asked for."""

    problems: list[Draft] = Field(min_length=1, max_length=10)


def faults_of(draft: Draft, source: str, *, same_numbers: bool) -> list[str]:
    """Say what is wrong with a draft in words the model can mend it by; empty for nothing."""
    faults = []
    if draft.choices and draft.answer is not None and settled_answer(draft) is None:
        faults.append("answer is not one of the choices")
    if len(set(draft.choices)) < len(draft.choices):
        faults.append("a choice occurs twice")
    if same_numbers and 2 * len(missing_numbers(draft, source)) > len(_numbers(source)):
        faults.append("figures of the source are missing")
    return faults


def missing_numbers(draft: Draft, source: str) -> list[str]:
    """Numbers of the source that the draft lacks, in order; its own number and points aside."""
    kept = _numbers(" ".join([draft.body, *draft.choices]))
    return [number for number in _numbers(source) if number not in kept]


def refers_to_picture(text: str) -> bool:
    """Tell whether a text speaks of a drawing, graph or table that no text can hold."""
    return _PICTURE.search(text) is not None


def _numbers(text: str) -> dict[str, None]:
    return dict.fromkeys(_NUMBER.findall(_MARKS.sub(" ", text)))


def settled_answer(draft: Draft) -> str | None:
    """The answer as the text of one of the choices, however it was written; None if it is none.

    Understands the text itself, a number, a circled number and a letter.
    """
    answer = (draft.answer or "").strip()
    if not draft.choices:
        return answer or None
    for choice in draft.choices:
        if _bare(choice) == _bare(answer):
            return choice
    place = _CIRCLED.get(answer[:1], answer.rstrip("번.) "))
    if place.isascii() and place.isdigit() and 1 <= int(place) <= len(draft.choices):
        return draft.choices[int(place) - 1]
    if len(place) == 1 and place.upper() in "ABCDEFGHIJ"[: len(draft.choices)]:
        return draft.choices[ord(place.upper()) - ord("A")]
    return None


def _bare(text: str) -> str:
    return re.sub(r"^\s*(?:[①-⑩]|\(?\d{1,2}[).]|[A-Ja-j][).])\s*|\s", "", text)
