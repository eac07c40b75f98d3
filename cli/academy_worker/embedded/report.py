"""A run as one self-contained HTML page: what was sent, what came back, when, in pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from academy_worker.embedded.phrase import Phrase, alike, phrase
from academy_worker.embedded.pictures import data_uri, stored_pictures, with_boxes
from academy_worker.embedded.result_words import in_words
from academy_worker.embedded.system import System
from academy_worker.embedded.watch import Seen
from jobs.contract.message import JobType

NO_FACTS = frozenset({"text", "version", "html_ref", "pdf_ref", "contact_sheet_ref"})
"""Plain values of results that are shown otherwise, or not at all."""

STRETCHES = ("admission", "waiting", "running", "telling")
"""Of a job's way, in their order."""

TEXT_LIMIT = 4000
"""Characters of recognised text shown on a card."""

Fact = tuple[Phrase, Phrase]
"""Name and value."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a job's way; `start` and `width` in percent of the whole run."""

    name: Phrase
    start: float
    width: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """One job in the timeline."""

    title: Phrase
    tier: str
    job_type: str
    state: Phrase
    expected: bool
    words: Phrase
    seconds: float | None
    spans: list[Span]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Card:
    """One job type's result; `pictures` are data URIs, `facts` name and value."""

    title: Phrase
    job_type: Phrase
    words: Phrase
    pictures: list[str]
    text: str
    facts: list[Fact]


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
            stretches=[phrase(name) for name in STRETCHES],
        ),
        encoding="utf-8",
    )


def timeline(seen: Sequence[Seen]) -> list[Line]:
    """Lay every job's way out on one scale, from the first message to the last answer."""
    start, length = min(one.sent_at for one in seen), _run_length(seen)
    return [
        Line(
            _title(one),
            one.job.tier,
            one.job.job_type,
            phrase(one.state),
            not one.problems(),
            in_words(one),
            None if one.ended_at is None else one.ended_at - one.sent_at,
            spans(one, start, length),
            one.problems(),
        )
        for one in seen
    ]


def _title(one: Seen) -> Phrase:
    title, copies = phrase(one.job.title), one.job.copies
    return title.followed_by(f" (sent {copies}×)", f" ({copies}번 보냄)") if copies > 1 else title


def spans(one: Seen, start: float, length: float) -> list[Span]:
    """Split a job's way: admission, waiting for a worker, running, telling the API."""
    row = one.row
    if row is None:
        return []
    ran = row.started_at is not None
    stops = [
        (one.sent_at, row.admitted_at),
        (row.admitted_at, row.started_at if ran else None),
        (row.started_at, row.finished_at),
        (row.finished_at, one.ended_at),
    ]
    return [
        Span(
            phrase(name),
            100 * max(0.0, begin - start) / length,
            100 * max(0.0, end - begin) / length,
            max(0.0, end - begin),
        )
        for name, (begin, end) in zip(STRETCHES, stops, strict=True)
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
        phrase(one.job.title),
        phrase(one.job.job_type),
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


def _facts(result: Mapping[str, Any]) -> list[Fact]:
    """List the result's plain values; an answer sheet's marks question by question."""
    plain = [
        (phrase(name.replace("_", " ")), _value(value))
        for name, value in result.items()
        if isinstance(value, str | int | float) and name not in NO_FACTS
    ]
    marks = [
        (_question(answer["question_id"]), _mark(answer)) for answer in result.get("answers", [])
    ]
    read = [*marks, *map(_item, result.get("items", [])), *map(_page, result.get("frames", []))]
    return [*plain, *_score(result.get("grade") or {}), *read]


def _question(number: int | str) -> Phrase:
    return Phrase(f"question {number}", f"{number}번")


def _item(item: Mapping[str, Any]) -> Fact:
    """A question or passage of an exam page, and how sure it is."""
    numbers = item["applies_to"] or [item["number"] or "?"]
    covered = "–".join(str(number) for number in dict.fromkeys((numbers[0], numbers[-1])))
    passage = item["type"] == "passage"
    name = Phrase(f"passage {covered}", f"지문 {covered}") if passage else _question(covered)
    sure = f"{item['confidence']:.2f}"
    return name, Phrase(f"confidence {sure}", f"확신도 {sure}")


def _page(frame: Mapping[str, Any]) -> Fact:
    """A page of a film: when it was held, and how much is written on it."""
    number = frame["page_number"]
    when = f"{frame['start']:.1f}–{frame['end']:.1f}"
    level = phrase(str(frame["level"]))
    return Phrase(f"page {number}", f"{number}쪽"), Phrase(
        f"{when} s, writing {level.en}", f"{when}초, 필기 {level.ko}"
    )


def _value(value: str | float) -> Phrase:
    if isinstance(value, bool):
        return Phrase("yes", "예") if value else Phrase("no", "아니요")
    return alike(f"{value:.3g}" if isinstance(value, float) else str(value))


def _matches(one: Seen) -> list[Fact]:
    """List ranked texts, best first; the texts are the job's own."""
    texts = one.job.payload.get("texts", [])
    return [
        (alike(f"{match['score']:.2f}"), alike(texts[match["index"]]))
        for match in one.result.get("matches", [])
    ]


def _score(grade: Mapping[str, Any]) -> list[Fact]:
    if not grade:
        return []
    points, total, undecided = f"{grade['score']:g}", f"{grade['total']:g}", grade["undecided"]
    value = Phrase(f"{points} of {total}", f"{total}점 중 {points}점")
    if undecided:
        value = value.followed_by(f", {undecided} to be decided", f", {undecided}문항 확인 필요")
    return [(phrase("score"), value)]


def _mark(answer: Mapping[str, Any]) -> Phrase:
    detected = alike(", ".join(answer.get("detected", [])) or "–")
    if answer.get("status") in ("ok", "blank"):
        return detected
    doubt = phrase(str(answer.get("status")))
    return detected.followed_by(f" ({doubt.en})", f" ({doubt.ko})")


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
