"""Running a target over many inputs and telling what came of them."""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.targets import Target

SLOW_SECONDS = 2.0
"""s of processor time for one small input: more is a denial of service."""


@dataclass(frozen=True)
class Finding:
    """An input that raised what no caller expects, or took too long."""

    target: str
    index: int
    what: str


@dataclass
class Report:
    """Counts of outcomes, and the findings."""

    target: str
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    slowest: float = 0.0


def run(
    target: Target,
    indices: Iterable[int],
    seed: int,
    progress: Callable[[int], None] = lambda index: None,
) -> Report:
    """Feed the target with the inputs of these indices; never raises for a finding."""
    report = Report(target.name)
    for index in indices:
        value = target.make(Random(f"{seed}/{target.name}/{index}"))
        start = time.process_time()
        try:
            report.outcomes[target.run(value)] += 1
        except Exception:
            report.findings.append(Finding(target.name, index, traceback.format_exc(limit=-4)))
        took = time.process_time() - start
        report.slowest = max(report.slowest, took)
        if took > SLOW_SECONDS:
            report.findings.append(Finding(target.name, index, f"took {took:.1f} s"))
        if index % 10_000 == 0:
            progress(index)
    return report
