"""Template meta `omr-template/1`: where the bubbles of a sheet are, in mm.

A superset of what the academy's API serves: all but `units`, `page.size` and `questions` is
optional, and the aliases `question_number`, `bubbles` (for choices) and `value` (for label) are
accepted. Origin top left, x to the right, y down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from faults import Code, Permanent

Floats = NDArray[np.float64]

_MIN_PITCH = 2.0
"""Radii between the centres of two bubbles at least; closer ones overlap."""

_MAX_BUBBLES = 1500
"""Bubbles of a sheet; every pair is compared, and 300 questions of five choices fit."""

_POSITIVE = Annotated[float, Field(gt=0, le=2000)]
_COORDINATE = Annotated[float, Field(ge=-2000, le=2000)]


@dataclass(frozen=True, slots=True)
class Choice:
    """One bubble of a question; `index` is its place in `Template.centers`."""

    label: str
    index: int


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` single expects one mark at most, multi any number, numeric one a column."""

    question_id: int | str
    kind: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Digit:
    """One column of the identifier, `digit_index` from 1."""

    digit_index: int
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Fiducial:
    """An ArUco marker; `center` and `size` in mm."""

    dictionary: str
    marker_id: int
    center: tuple[float, float]
    size: float


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A sheet; `centers` (n, 2) and `radii` (n, 2) in mm hold every bubble, digits included.

    `code` is what the printed QR says, like "academy-30x5/1"; empty where the form has none.
    """

    template_id: str
    width: float
    height: float
    centers: Floats
    radii: Floats
    labels: tuple[str, ...]
    questions: tuple[Question, ...]
    digits: tuple[Digit, ...]
    fiducials: tuple[Fiducial, ...]
    blocks: tuple[NDArray[np.intp], ...]
    """Bubbles that form a lattice of their own: the identifier, and each column of questions."""
    code: str = ""

    @property
    def question_blocks(self) -> tuple[NDArray[np.intp], ...]:
        """The blocks but for the identifier's, which is the last."""
        return self.blocks[:-1] if self.digits else self.blocks

    @property
    def rows(self) -> tuple[tuple[Choice, ...], ...]:
        """The choices of each question, then of each digit."""
        asked = tuple(question.choices for question in self.questions)
        return asked + tuple(digit.choices for digit in self.digits)


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class _Point(_Loose):
    x: _COORDINATE
    y: _COORDINATE


class _Bubble(_Loose):
    center: _Point
    r: _POSITIVE | None = None
    rx: _POSITIVE | None = None
    ry: _POSITIVE | None = None

    def radii(self) -> tuple[float, float]:
        r = self.r or self.rx or self.ry or 0.0
        return self.rx or r, self.ry or r


class _Choice(_Bubble):
    label: str = Field(validation_alias=AliasChoices("label", "value"))

    @field_validator("label", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value


class _Question(_Loose):
    question_id: int | str = Field(validation_alias=AliasChoices("question_id", "question_number"))
    type: Literal["single", "multi", "numeric"] = "single"
    choices: list[_Choice] = Field(
        min_length=1, max_length=20, validation_alias=AliasChoices("choices", "bubbles")
    )


class _DigitBubble(_Bubble):
    digit_index: int = Field(ge=1, le=20)
    number: int = Field(ge=0, le=9)


class _Identifier(_Loose):
    bubbles: list[_DigitBubble] = Field(max_length=200)


class _Size(_Loose):
    width: _POSITIVE
    height: _POSITIVE


class _Page(_Loose):
    size: _Size


class _Fiducial(_Loose):
    kind: str
    dictionary: str = Field("DICT_4X4_50", alias="dict")
    id: int = 0
    center: _Point
    size: _POSITIVE


class _Code(_Loose):
    kind: str = "qr"
    payload: str = Field("", max_length=200)


class _Meta(_Loose):
    template_id: str = ""
    code: _Code = Field(default_factory=_Code)
    units: Literal["mm", "px"] = "mm"
    page: _Page
    questions: list[_Question] = Field(min_length=1, max_length=300)
    identifier: _Identifier | None = None
    fiducials: list[_Fiducial] = Field(default_factory=list, max_length=16)


def parse_template(meta: Mapping[str, Any]) -> Template:
    """Read and check a template meta.

    Raises `Permanent(template_invalid)` with the path of each fault, like
    `questions.3.choices.1.center.x`.
    """
    try:
        model = _Meta.model_validate(meta)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:5]
        )
        raise Permanent(Code.TEMPLATE_INVALID, faults) from None
    template = _build(model)
    _check(template)
    return template


def _build(model: _Meta) -> Template:
    bubbles: list[_Bubble] = []
    labels: list[str] = []

    def add(bubble: _Bubble, label: str, group: str) -> Choice:
        bubbles.append(bubble)
        labels.append(group + label)
        return Choice(label, len(bubbles) - 1)

    questions = tuple(
        Question(
            question.question_id,
            question.type,
            tuple(add(choice, choice.label, "q") for choice in question.choices),
        )
        for question in model.questions
    )
    columns: dict[int, list[_DigitBubble]] = {}
    for bubble in model.identifier.bubbles if model.identifier else ():
        columns.setdefault(bubble.digit_index, []).append(bubble)
    digits = tuple(
        Digit(index, tuple(add(bubble, str(bubble.number), "d") for bubble in column))
        for index, column in sorted(columns.items())
    )
    centers = np.array([[bubble.center.x, bubble.center.y] for bubble in bubbles])
    return Template(
        template_id=model.template_id,
        width=model.page.size.width,
        height=model.page.size.height,
        centers=centers,
        radii=np.array([bubble.radii() for bubble in bubbles]),
        labels=tuple(labels),
        questions=questions,
        digits=digits,
        fiducials=tuple(
            Fiducial(item.dictionary, item.id, (item.center.x, item.center.y), item.size)
            for item in model.fiducials
            if item.kind == "aruco"
        ),
        blocks=_blocks(questions, digits, centers),
        code=model.code.payload if model.code.kind == "qr" else "",
    )


def _blocks(
    questions: tuple[Question, ...], digits: tuple[Digit, ...], centers: Floats
) -> tuple[NDArray[np.intp], ...]:
    columns: dict[tuple[float, ...], list[int]] = {}
    for question in questions:
        index = [choice.index for choice in question.choices]
        columns.setdefault(tuple(centers[index, 0].round(1)), []).extend(index)
    identifier = [choice.index for digit in digits for choice in digit.choices]
    groups = [*columns.values(), identifier]
    return tuple(np.array(group) for group in groups if group)


def _check(template: Template) -> None:
    if len(template.centers) > _MAX_BUBBLES:
        raise Permanent(
            Code.TEMPLATE_INVALID, f"questions: more than {_MAX_BUBBLES} bubbles on a sheet"
        )
    faults = [*_geometry_faults(template), *_naming_faults(template)]
    if faults:
        raise Permanent(Code.TEMPLATE_INVALID, "; ".join(faults[:5]))


def _geometry_faults(template: Template) -> list[str]:
    names = [
        *(
            f"questions.{i}.choices.{j}"
            for i, question in enumerate(template.questions)
            for j in range(len(question.choices))
        ),
        *(
            f"identifier: digit {digit.digit_index}"
            for digit in template.digits
            for _ in digit.choices
        ),
    ]
    low = template.centers - template.radii
    high = template.centers + template.radii
    page = np.array([template.width, template.height])
    outside = ((low < 0) | (high > page)).any(axis=1)
    faults = [f"{names[i]}: bubble lies outside the page" for i in np.flatnonzero(outside)]
    if not (template.radii > 0).all():
        faults.append("questions: a bubble has neither r nor rx and ry")
        return faults
    offset = (template.centers[:, None] - template.centers[None]) / (
        template.radii[:, None] + template.radii[None]
    )
    distance = 2.0 * np.hypot(offset[..., 0], offset[..., 1])
    np.fill_diagonal(distance, np.inf)
    close = np.argwhere(np.triu(distance < _MIN_PITCH, 1))
    return faults + [f"{names[i]}: bubble overlaps {names[j]}" for i, j in close[:5]]


def _naming_faults(template: Template) -> list[str]:
    faults = []
    ids = [question.question_id for question in template.questions]
    faults += [
        f"questions: question_id {i} occurs twice"
        for i in sorted({str(i) for i in ids if ids.count(i) > 1})
    ]
    for index, question in enumerate(template.questions):
        labels = [choice.label for choice in question.choices]
        if len(set(labels)) < len(labels):
            faults.append(f"questions.{index}.choices: a label occurs twice")
    for digit in template.digits:
        if sorted(choice.label for choice in digit.choices) != [str(n) for n in range(10)]:
            faults.append(f"identifier: digit {digit.digit_index} has not the ten bubbles 0-9")
    return faults
