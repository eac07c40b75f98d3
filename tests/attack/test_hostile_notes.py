"""Texts of students and teachers go into a printed page: they may not become part of it."""

import json
import socket
import threading
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.wrong_note.formula import draw
from analysis.wrong_note.page import page
from analysis.wrong_note.types import Exam, Note, Question, TagCount
from faults import Code, Permanent
from functions.wrong_note.answer import write_note
from jobs.contract.wrong_note import WrongNotePayload
from jobs.workspace import FileKind

TRICKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "<link rel=stylesheet href=http://{host}/a.css>",
    "<iframe src=file:///etc/passwd></iframe>",
    "<style>@import 'http://{host}/b.css'; * {{ background: url(http://{host}/c) }}</style>",
    "</style></title></head><body background=http://{host}/d>",
    "<a rel=attachment href=file:///etc/passwd>x</a>",
    "{{{{ 7*7 }}}} {{% include '/etc/passwd' %}} ${{7*7}}",
    "&lt;script&gt;&#60;script&#62;",
    r"$\href{{http://{host}/e}}{{x}}$ $\includegraphics{{file:///etc/passwd}}$",
    r"$\text{{<script>alert(1)</script>}}$ \(\class{{a}}{{<b>}}\)",
    r"$\input{{/etc/passwd}}$ $\write18{{id}}$",
    "‮txt.exe‬ ​ \x00 \x1b[31m",
)
ALLOWED_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "section", "article", "div"),
    *("h1", "h2", "h3", "p", "span", "table", "caption", "tr", "th", "td", "i", "b", "small"),
    *("img", "code", "br"),
}
ALLOWED_ATTRIBUTES = {
    *("lang", "charset", "name", "content", "http-equiv", "class", "style", "alt", "src"),
}


class Markup(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: list[str] = []
        self.styles: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]
        self.styles += [value or "" for name, value in attrs if name == "style"]


class Shelf:
    """A workspace whose downloads are refused; keeps what is put."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def fetch(self, url: str, kind: FileKind) -> Path:
        raise Permanent(Code.DOWNLOAD_FORBIDDEN, "no")

    def put(self, name: str, data: bytes, content_type: str) -> str:
        self.kept[name] = data
        return name

    def remaining(self) -> float:
        return 60.0


def note(text: str) -> WrongNotePayload:
    """A note that holds the text wherever a text may stand."""
    item = {
        "question_id": text[:100],
        "submitted": [text[:4000], 1],
        "right_answer": text[:4000],
        "tag": text[:100],
        "text": text,
        "choices": [text] * 3,
        "explanation": text,
        "remark": text[:250],
        "crop_url": "https://a.example/x",
    }
    exam = {"exam_id": text[:100], "title": text[:100], "date": text[:100], "items": [item]}
    return WrongNotePayload.model_validate(
        {
            "enrollment_id": text[:100],
            "student_name": text[:100],
            "title": text[:100],
            "created_at": text[:100],
            "exams": [exam | {"remark": text[:250]}],
        }
    )


def assert_inert(html: str) -> None:
    markup = Markup(html)
    assert markup.tags <= ALLOWED_TAGS
    assert markup.attributes <= ALLOWED_ATTRIBUTES
    assert all(source.startswith("data:image/") for source in markup.sources)
    assert not any("url(" in style for style in markup.styles)
    assert "root:x:0" not in html


def test_a_page_of_tricks_fetches_nothing_and_runs_nothing() -> None:
    reached: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                reached.append(connection.recv(200))

    threading.Thread(target=accept, daemon=True).start()
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    shelf = Shelf()

    result = write_note(note(" ".join(TRICKS).format(host=host)), shelf)
    listener.close()

    assert result.pages >= 1
    assert reached == []
    assert_inert(shelf.kept["wrong-note.html"].decode())
    assert b"root:x:0" not in shelf.kept["wrong-note.pdf"]
    assert b"/Launch" not in shelf.kept["wrong-note.pdf"]
    assert b"/JavaScript" not in shelf.kept["wrong-note.pdf"]


@given(text=st.text(st.sampled_from("<>&\"'/=$\\{}()[]%#;:a1 \n"), max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_text_becomes_markup(text: str) -> None:
    question = Question(text, (text,), (text,), text, (text,) * 3, explanation=text, remark=text)
    exam = Exam(text, text, (question,), remark=text)

    html = page(Note(text, text, text, (exam,), (TagCount(text, 1, 2),))).html

    assert_inert(html)


@pytest.mark.parametrize(
    "latex",
    [
        "{" * 900,
        r"\frac{1}{" * 100 + "x" + "}" * 100,
        r"\sqrt{" * 150 + "x" + "}" * 150,
        "x^{" * 300 + "x" + "}" * 300,
        r"\left(" * 150,
        r"\begin{matrix}" * 60,
        r"\newcommand{\a}{\a\a}\a",
        r"\def\a{\a\a}\a",
        "&" * 900,
        "\\" * 999,
        "가" * 999,
    ],
    ids=lambda latex: latex[:12],
)
def test_a_formula_made_to_last_ends_soon(latex: str) -> None:
    start = time.process_time()

    drawing = draw(latex)

    assert time.process_time() - start < 5
    assert drawing is None or len(drawing.svg) < 2_000_000


def test_an_answer_of_thousands_of_digits_is_printed_as_it_is() -> None:
    shelf = Shelf()
    item = {"question_id": "1", "choices": ["a", "b"], "submitted": "9" * 4900, "right_answer": 1}
    payload = {"enrollment_id": "1", "exams": [{"exam_id": "1", "items": [item]}]}

    write_note(WrongNotePayload.model_validate(json.loads(json.dumps(payload))), shelf)

    assert "9" * 4900 in shelf.kept["wrong-note.html"].decode()
