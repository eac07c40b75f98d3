"""A run as one self-contained HTML page: what was sent, what came back, when, in pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from academy_worker.embedded.pictures import data_uri, stored_pictures, with_boxes
from academy_worker.embedded.result_words import in_words
from academy_worker.embedded.system import System
from academy_worker.embedded.watch import Seen
from jobs.contract.message import JobType

_NO_FACTS = frozenset({"text", "version", "html_ref", "pdf_ref", "contact_sheet_ref"})
TEXT_LIMIT = 4000
"""Characters of recognised text shown on a card."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a job's way; `start` and `width` in percent of the whole run."""

    name: str
    start: float
    width: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """One job in the timeline."""

    title: str
    tier: str
    job_type: str
    state: str
    expected: bool
    words: str
    seconds: float | None
    spans: list[Span]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Card:
    """One job type's result; `pictures` are data URIs, `facts` name and value."""

    title: str
    job_type: str
    words: str
    pictures: list[str]
    text: str
    facts: list[tuple[str, str]]


def write_report(path: Path, system: System, seen: Sequence[Seen], problems: Sequence[str]) -> None:
    """Write the page; it fetches nothing and runs no script."""
    page = _environment().get_template("report.html.j2")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        page.render(
            lines=timeline(seen),
            cards=cards(system, seen),
            problems=list(problems),
            seconds=_run_length(seen),
        ),
        encoding="utf-8",
    )


def timeline(seen: Sequence[Seen]) -> list[Line]:
    """Lay every job's way out on one scale, from the first message to the last answer."""
    start, length = min(one.sent_at for one in seen), _run_length(seen)
    return [
        Line(
            one.job.title + (f" (sent {one.job.copies}×)" if one.job.copies > 1 else ""),
            one.job.tier,
            one.job.job_type,
            one.state,
            not one.problems(),
            in_words(one),
            None if one.ended_at is None else one.ended_at - one.sent_at,
            spans(one, start, length),
            one.problems(),
        )
        for one in seen
    ]


def spans(one: Seen, start: float, length: float) -> list[Span]:
    """Split a job's way: admission, waiting for a worker, running, telling the API."""
    row = one.row
    if row is None:
        return []
    ran = row.started_at is not None
    stops = [
        ("admission", one.sent_at, row.admitted_at),
        ("waiting", row.admitted_at, row.started_at if ran else None),
        ("running", row.started_at, row.finished_at),
        ("telling", row.finished_at, one.ended_at),
    ]
    return [
        Span(
            name,
            100 * max(0.0, begin - start) / length,
            100 * max(0.0, end - begin) / length,
            max(0.0, end - begin),
        )
        for name, begin, end in stops
        if begin is not None and end is not None
    ]


def cards(system: System, seen: Sequence[Seen]) -> list[Card]:
    """Make a card of each job type that gave a result, in their order: its first job's."""
    first: dict[str, Seen] = {}
    for one in seen:
        if one.result:
            first.setdefault(one.job.job_type, one)
    return [_card(system, first[job_type]) for job_type in JobType if job_type in first]


def _card(system: System, one: Seen) -> Card:
    return Card(
        one.job.title,
        one.job.job_type,
        in_words(one),
        _pictures(system, one),
        str(one.result.get("text", ""))[:TEXT_LIMIT],
        [*_facts(one.result), *_matches(one)],
    )


def _pictures(system: System, one: Seen) -> list[str]:
    """Take the pictures the job itself kept, else draw the result's boxes on what was sent."""
    stored = stored_pictures(system.engine.client("s3"), one.result)
    if stored or one.job.picture is None:
        return [data_uri(image) for image in stored]
    lines = one.result.get("lines", [])
    drawn = with_boxes(one.job.picture, [line["box"] for line in lines])
    return [] if drawn is None else [data_uri(drawn)]


def _facts(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List the result's plain values; an answer sheet's marks question by question."""
    plain = [
        (name.replace("_", " "), f"{value:.3g}" if isinstance(value, float) else str(value))
        for name, value in result.items()
        if isinstance(value, str | int | float) and name not in _NO_FACTS
    ]
    marks = [
        (f"question {answer['question_id']}", _mark(answer)) for answer in result.get("answers", [])
    ]
    return [*plain, *_score(result.get("grade") or {}), *marks]


def _matches(one: Seen) -> list[tuple[str, str]]:
    """List ranked texts, best first; the texts are the job's own."""
    texts = one.job.payload.get("texts", [])
    return [
        (f"{match['score']:.2f}", texts[match["index"]]) for match in one.result.get("matches", [])
    ]


def _score(grade: Mapping[str, Any]) -> list[tuple[str, str]]:
    if not grade:
        return []
    undecided = f", {grade['undecided']} to be decided" if grade["undecided"] else ""
    return [("score", f"{grade['score']:g} of {grade['total']:g}{undecided}")]


def _mark(answer: Mapping[str, Any]) -> str:
    detected = ", ".join(answer.get("detected", [])) or "–"
    doubt = "" if answer.get("status") in ("ok", "blank") else f" ({answer.get('status')})"
    return detected + doubt


def _run_length(seen: Sequence[Seen]) -> float:
    start = min(one.sent_at for one in seen)
    return max([0.1, *(one.ended_at - start for one in seen if one.ended_at is not None)])


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("academy_worker.embedded", "pages"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
