"""The note as one HTML page that needs nothing else: pictures and formulas lie in it."""

import base64
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from analysis.wrong_note.formula import draw, svg_uri
from analysis.wrong_note.mixed_text import Part, parts
from analysis.wrong_note.plain_formula import Run, plain
from analysis.wrong_note.types import Note, Picture, Question

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


MAX_EFFORT = 150_000
"""Effort spent on the formulas of one note: 15 s, some 900 of a school's; then comes source."""


@dataclass(frozen=True, slots=True)
class Page:
    """`unread` counts the formulas that stand in it as their source."""

    html: str
    unread: int


class _Writer:
    """Turns texts of one note into markup and counts what it could not read."""

    def __init__(self) -> None:
        self.unread = 0
        self._effort_left = MAX_EFFORT

    def mixed(self, text: str) -> Markup:
        """Escape a text; draw its formulas."""
        return Markup("").join(
            self._formula(part) if part.formula else escape(part.text) for part in parts(text)
        )

    def answers(self, values: tuple[str, ...], question: Question) -> Markup:
        """Write answers, a choice by its circled number and, if known, its text."""
        return Markup(", ").join(self._answer(value, question) for value in values)

    def _answer(self, value: str, question: Question) -> Markup:
        number = choice_number(value, question)
        if number is None:
            return self.mixed(value)
        sign = escape(_CIRCLED[number - 1])
        if number > len(question.choices):
            return sign
        return sign + Markup(" ") + self.mixed(question.choices[number - 1])

    def _formula(self, part: Part) -> Markup:
        runs = None if part.block else plain(part.text)
        if runs is not None:
            return Markup('<span class="tex">{}</span>').format(Markup("").join(map(_run, runs)))
        drawing = draw(part.text) if self._effort_left > 0 else None
        self._effort_left -= drawing.effort if drawing else 0
        if drawing is None:
            self.unread += 1
            return Markup('<code class="latex">{}</code>').format(part.text)
        return Markup(
            '<img class="{}" alt="{}" src="{}" '
            'style="width:{:.3f}em;height:{:.3f}em;vertical-align:{:.3f}em">'
        ).format(
            "formula block" if part.block else "formula",
            part.text,
            svg_uri(drawing),
            drawing.width,
            drawing.height,
            -drawing.depth,
        )


def _run(run: Run) -> Markup:
    if not run.script:
        return escape(run.text)
    raised = Markup("<sup>{}</sup>")
    return (raised if run.script == "sup" else Markup("<sub>{}</sub>")).format(run.text)


def choice_number(value: str, question: Question) -> int | None:
    """Number of the choice an answer names ("3" or "③"); None for an answer in words."""
    text = value.strip()
    if len(text) == 1 and text in _CIRCLED:
        return _CIRCLED.index(text) + 1
    known = len(question.choices) or (len(_CIRCLED) if question.multiple_choice else 0)
    if (
        text.isascii()
        and text.isdigit()
        and len(text) <= 2
        and 1 <= int(text) <= min(known, len(_CIRCLED))
    ):
        return int(text)
    return None


def page(note: Note) -> Page:
    """Write a note as HTML; every text is escaped."""
    writer = _Writer()
    html = _template().render(
        note=note,
        mixed=writer.mixed,
        answers=writer.answers,
        circled=_CIRCLED,
        picture_uri=picture_uri,
        brief=_is_brief,
        points=_points,
    )
    return Page(html, writer.unread)


def picture_uri(picture: Picture) -> str:
    """A picture as a `data:` URI."""
    return "data:image/jpeg;base64," + base64.b64encode(picture.data).decode()


def _is_brief(question: Question) -> bool:
    """Tell whether only numbers and answers are known, so that two fit side by side."""
    return not (
        question.text
        or question.choices
        or question.picture
        or question.explanation
        or any(len(value) > 20 for value in question.submitted + question.answers)
    )


def _points(value: float) -> str:
    return f"{value:.10g}"


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("wrong_note.html.j2")
