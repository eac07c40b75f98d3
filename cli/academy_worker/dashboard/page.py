"""The dashboard as one HTML page that fetches nothing and runs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from academy_worker.dashboard import plots
from academy_worker.dashboard.figures import Figures, Row, Spread
from academy_worker.dashboard.log_lines import Sample
from jobs.telemetry import Metric

PLATFORM_METRICS = (
    Metric.NOTIFIED,
    Metric.NOTIFY_RETRIED,
    Metric.UNAUTHORIZED,
    Metric.REJECTED,
    Metric.RESCUED,
    Metric.QUARANTINED,
    Metric.CONFLICT,
    Metric.ORPHANED,
    Metric.LEASE_LOST,
    Metric.CRASHED,
)


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture under its title; `legend` names its colours in order."""

    title: str
    picture: Markup
    legend: Sequence[str] = ()


def write_page(path: Path, found: Figures) -> None:
    """Write the page."""
    template = Environment(
        loader=PackageLoader("academy_worker.dashboard", "."),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("page.html.j2")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        template.render(
            figures=found,
            plots=plots_of(found),
            platform=[(metric.value, found.totals.get(metric, 0)) for metric in PLATFORM_METRICS],
            in_words=in_words,
            seconds=found.end - found.begin,
        ),
        encoding="utf-8",
    )


def plots_of(found: Figures) -> list[Plot]:
    """Every plot of the page that has something to show."""
    end = found.end - found.begin
    counted = {
        name: _running(found, metric)
        for name, metric in (
            ("admitted", Metric.ADMITTED),
            ("done", Metric.DONE),
            ("failed", Metric.FAILED),
            ("told to the API", Metric.NOTIFIED),
        )
    }
    made = [Plot("Jobs, added up", plots.steps(counted, end), list(counted))]
    for title, metric in (
        ("How long each job waited for a worker", Metric.QUEUE_WAIT),
        ("How long each job ran", Metric.RUN_TIME),
        ("From each job's end to its delivery", Metric.NOTIFY_LAG),
    ):
        by_tier = _by_tier(found, metric)
        made.append(Plot(title, plots.scatter(by_tier, end), list(by_tier)))
    made += [
        Plot("Wait, p50 within p99", plots.bars(_spreads(found.rows, "wait"))),
        Plot("Run time, p50 within p99", plots.bars(_spreads(found.rows, "run"))),
    ]
    codes = _codes(found.rows)
    if codes:
        made.append(Plot("Failed, by code", plots.bars(codes)))
    cost = [plots.Bar(name, usd, f"USD {usd:.3f}") for name, usd in found.cost.items()]
    if cost:
        made.append(Plot("Compute per 1,000 jobs done, at list price", plots.bars(cost)))
    return made


def in_words(counts: Mapping[str, int]) -> str:
    """Counts by name, in a line."""
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "–"


def _since(found: Figures, metric: Metric) -> list[Sample]:
    return [sample for sample in found.samples if sample.name == metric]


def _running(found: Figures, metric: Metric) -> list[plots.Point]:
    """A step up for each sample."""
    return [
        (sample.at - found.begin, float(number))
        for number, sample in enumerate(_since(found, metric), start=1)
    ]


def _by_tier(found: Figures, metric: Metric) -> dict[str, list[plots.Point]]:
    points: dict[str, list[plots.Point]] = {row.tier: [] for row in found.rows}
    for sample in _since(found, metric):
        points.setdefault(sample.tier, []).append((sample.at - found.begin, sample.value / 1000))
    return points


def _spreads(rows: Sequence[Row], name: str) -> list[plots.Bar]:
    drawn = []
    for row in rows:
        value: Spread | None = getattr(row, name)
        if value is not None:
            told = f"{value.p50:.2f} / {value.p99:.2f} s"
            drawn.append(plots.Bar(f"{row.tier} {row.job_type}", value.p99, told, value.p50))
    return drawn


def _codes(rows: Sequence[Row]) -> list[plots.Bar]:
    return [
        plots.Bar(f"{row.tier} {code}", count, str(count))
        for row in rows
        for code, count in row.failed.items()
    ]
