"""The dashboard's figures: per tier and job type, and for the platform as a whole."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from academy_worker.cost.model import VIDEO, Prices
from academy_worker.dashboard.log_lines import Invocation, Log, Sample
from jobs.contract.message import JobType, Tier
from jobs.telemetry import Metric

GLUE = ("admit", "outbox", "notify", "finalize", "sweep", "video-start", "video-claim", "pull")
"""Functions that run on arm; the others run on x86."""

PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Spread:
    """How a time is spread: seconds, by the nearest rank."""

    p50: float
    p99: float
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One tier and job type; `None` where nothing was measured."""

    tier: str
    job_type: str
    admitted: int
    done: int
    failed: Mapping[str, int]
    retried: Mapping[str, int]
    others: Mapping[str, int]
    wait: Spread | None
    run: Spread | None
    lag: Spread | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A run; times in epoch seconds, `cost` USD of compute per 1,000 jobs done, by job type."""

    rows: Sequence[Row]
    totals: Mapping[str, int]
    cost: Mapping[str, float]
    depths: Mapping[str, int]
    samples: Sequence[Sample]
    begin: float
    end: float
    log_bytes_per_job: float


def figures(log: Log, prices: Prices) -> Figures:
    """Work a log out. Raises `ValueError` if it holds no metric."""
    if not log.samples:
        raise ValueError("the log holds no metric of the project")
    times = [sample.at for sample in log.samples]
    totals: Counter[str] = Counter()
    for sample in log.samples:
        totals[sample.name] += 1
    ended = totals[Metric.DONE] + totals[Metric.FAILED]
    return Figures(
        rows=_rows(log.samples),
        totals=totals,
        cost=_cost(log.invocations, log.samples, prices),
        depths=log.depths,
        samples=sorted(log.samples, key=lambda sample: sample.at),
        begin=min(times),
        end=max(times),
        log_bytes_per_job=log.size / ended if ended else math.nan,
    )


def spread(values: Iterable[float]) -> Spread | None:
    """Median and 99th percentile by the nearest rank; None for no value."""
    ordered = sorted(values)
    if not ordered:
        return None

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Spread(rank(0.5), rank(0.99), len(ordered))


def _rows(samples: Sequence[Sample]) -> list[Row]:
    pairs = {(one.tier, one.job_type) for one in samples if one.job_type not in ("", "none")}
    return [_row(tier, kind, samples) for tier, kind in sorted(pairs, key=_order)]


def _order(pair: tuple[str, str]) -> tuple[int, int, str]:
    """Tiers from lite to premium, types as the contract lists them, unknown ones last."""
    tiers, types = [tier.value for tier in Tier], [kind.value for kind in JobType]
    tier, kind = pair
    return (
        tiers.index(tier) if tier in tiers else len(tiers),
        types.index(kind) if kind in types else len(types),
        kind,
    )


def _row(tier: str, job_type: str, samples: Sequence[Sample]) -> Row:
    own = [sample for sample in samples if (sample.tier, sample.job_type) == (tier, job_type)]

    def count(metric: Metric) -> int:
        return sum(sample.name == metric for sample in own)

    def codes(metric: Metric) -> dict[str, int]:
        return dict(Counter(sample.code for sample in own if sample.name == metric).most_common())

    def seconds(metric: Metric) -> Spread | None:
        return spread(sample.value / 1000 for sample in own if sample.name == metric)

    rare = (Metric.DUPLICATE, Metric.DEFERRED, Metric.LEASE_LOST, Metric.RESCUED, Metric.CONFLICT)
    return Row(
        tier,
        job_type,
        count(Metric.ADMITTED),
        count(Metric.DONE),
        codes(Metric.FAILED),
        codes(Metric.RETRIED),
        {metric.value: found for metric in rare if (found := count(metric))},
        seconds(Metric.QUEUE_WAIT),
        seconds(Metric.RUN_TIME),
        seconds(Metric.NOTIFY_LAG),
    )


def owner(group: str) -> str:
    """The job type whose function wrote a log group, `PLATFORM` for the glue."""
    for kind in JobType:
        if group.endswith(f"-{kind.value.replace('_', '-')}"):
            return kind.value
    glue = any(group.endswith(f"-{name}") for name in GLUE)
    return VIDEO if "-video-" in group and not glue else PLATFORM


def _cost(
    invocations: Sequence[Invocation], samples: Sequence[Sample], prices: Prices
) -> dict[str, float]:
    """USD per 1,000 jobs done: a type's readers by its jobs, the platform by all."""
    spent: dict[str, float] = {}
    for call in invocations:
        arm = any(call.group.endswith(f"-{name}") for name in GLUE)
        price = prices["lambda_arm" if arm else "lambda_x86"]
        usd = call.seconds * call.memory / 1024 * price + prices["lambda_request"]
        name = owner(call.group)
        spent[name] = spent.get(name, 0.0) + usd
    done = Counter(sample.job_type for sample in samples if sample.name == Metric.DONE)
    jobs = dict(done) | {PLATFORM: sum(done.values())}
    return {name: 1000 * usd / jobs[name] for name, usd in sorted(spent.items()) if jobs.get(name)}
