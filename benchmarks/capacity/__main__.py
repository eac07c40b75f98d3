"""What an evening's peak does to the deployment: writes docs/capacity.md.

    .venv/bin/python -m benchmarks.capacity [--academies 50] [--students 200]

Concurrency, batches and time-outs are read from template.yaml, durations and prices from
`cli/academy_worker/cost`. Durations that are assumed are named in the report.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from academy_worker.commands.cost import MIX, parse_mix
from academy_worker.cost.deployed import deployment
from academy_worker.cost.model import Model, Prices, load_measured
from academy_worker.embedded.project import ROOT, TEMPLATE
from benchmarks.capacity.deployed import ACCOUNT_CONCURRENCY, Source, mappings
from benchmarks.capacity.evening import (
    FLOW,
    HOUR,
    OUTBOX,
    PER_MESSAGE,
    SPREAD,
    START_COLD,
    TIERS,
    Evening,
    cost,
    offered,
    quantile,
)
from benchmarks.capacity.simulator import servers_needed

FACTORS = (1, 10, 100)
PATIENCE = 30.0
"""s that 99 % of the jobs may wait in each queue once the concurrency is raised."""

OUTBOXES = 2
"""Batches of the stream worked on at once when the concurrency is raised."""

SEED = 8
COMMAND = ".venv/bin/python -m benchmarks.capacity"


class Report:
    """The figures of one question: so many academies, so many students each."""

    def __init__(self, academies: int, students: int) -> None:
        self.jobs = academies * students
        self.academies, self.students = academies, students
        self.mix = parse_mix(MIX)
        self.model = Model(Prices.load(), load_measured(), deployment(TEMPLATE))

    def text(self) -> str:
        """The whole page."""
        full, small = mappings(TEMPLATE, "full"), mappings(TEMPLATE, "small")
        largest = self.jobs * FACTORS[-1]
        raised = self._raised(full, largest)
        parts = [
            self._head(),
            "## Waits as deployed, `Scale=full`\n",
            _table(_TIER_HEAD, self._waits(full, FACTORS)),
            "## Waits as deployed, `Scale=small`\n",
            _table(_TIER_HEAD, self._waits(small, FACTORS[:2])),
            self._saturation(full),
            f"## {FACTORS[-1]} times the peak, with the concurrency raised\n",
            self._raised_text(full, raised),
            _table(_TIER_HEAD, self._waits(raised, FACTORS[-1:], OUTBOXES)),
            "## Cost of the evening\n",
            _table(("peak", "jobs", *map(str, TIERS), "sum, USD"), self._costs()),
            _LIMITS,
        ]
        return "\n".join(parts)

    def _head(self) -> str:
        shares = ", ".join(f"{tier} {share:.0%}" for tier, share in TIERS.items())
        types = ", ".join(f"`{name}` {share:.0%}" for name, share in self.mix.items())
        return (
            f"# Capacity\n\n    {COMMAND}\n\n"
            f"writes this page: a simulation by discrete events of {self.academies} academies × "
            f"{self.students} students, each sending one job at a random time within one hour, "
            f"{self.jobs:,} jobs, and of 10 and 100 times that. Concurrency, batch sizes and "
            "memory are those of `template.yaml`, CPU times the measured ones of "
            "`cli/academy_worker/cost/measured.toml`, prices those of [cost.md](cost.md). The "
            "simulator is held against the formulas of M/M/c and D/D/1 in "
            "`tests/unit/capacity`.\n\n"
            f"Assumed, not measured: tiers ({shares}); types ({types}; a tier gets those it may "
            f"have); a job's time varies by {SPREAD:.0%} of its mean; a cold start adds "
            f"{START_COLD} s to the first job's time; a glue call takes "
            f"{self.model.measured['glue']['seconds']} s and {PER_MESSAGE} s for each further "
            f"message of its batch; a job waits {self.model.measured['waiting']['seconds']} s for "
            "its download, S3 and DynamoDB; an account may run "
            f"{ACCOUNT_CONCURRENCY:,} invocations at once.\n"
        )

    def _waits(
        self, sources: Mapping[str, Source], factors: Iterable[int], outboxes: int = 1
    ) -> list[tuple[str, ...]]:
        rows = []
        for factor in factors:
            began = time.process_time()
            evening = Evening(sources, self.model, SEED, outboxes=outboxes)
            evening.play(self.mix, self.jobs * factor)
            for tier, seen in evening.seen.items():
                count = len(seen.answers)
                rows.append(
                    (
                        f"{factor} ×",
                        tier.value,
                        f"{count:,}",
                        *(_span(quantile(seen.waits, share)) for share in (0.5, 0.99)),
                        *(_span(quantile(seen.answers, share)) for share in (0.5, 0.99)),
                        f"{seen.late / count:.1%}" if count else "–",
                    )
                )
            _say(f"{factor} x: {time.process_time() - began:.0f} CPU s")
        return rows

    def _saturation(self, sources: Mapping[str, Source]) -> str:
        loads = offered(sources, self.model, self.mix, self.jobs / HOUR)
        servers = {name: source.servers for name, source in sources.items()}
        servers |= {FLOW: ACCOUNT_CONCURRENCY - sum(servers.values()), OUTBOX: 1}
        order = sorted(loads, key=lambda name: servers[name] / max(loads[name][0], 1e-12))
        rows = [
            (
                name,
                str(servers[name]),
                f"{loads[name][1]:.2f}",
                f"{loads[name][0]:.2f}",
                f"{loads[name][0] / servers[name]:.1%}",
                f"{servers[name] / loads[name][0]:.1f} ×",
            )
            for name in order
            if loads[name][0] > 0
        ]
        head = ("queue", "at once", "s a message", "load, Erlang", "used at 1 ×", "full at")
        return (
            "Most of what a tier's slowest hundredth waits to be told is the video flow: the\n"
            f"times of its steps add up to {loads[FLOW][1]:.0f} s.\n\n"
            "## What saturates first\n\n"
            f"With `Scale=full`, in order: `{order[0]}` is full at {rows[0][-1]} the peak, then "
            f"`{order[1]}` at {rows[1][-1]}. The flow has what the account's "
            f"{ACCOUNT_CONCURRENCY:,} leave. `notify` serves all tiers: once it is full, what a "
            "flood of one tier sends delays the others' answers, not their work.\n\n"
            + _table(head, rows[:12])
        )

    def _raised(self, sources: Mapping[str, Source], jobs: int) -> dict[str, Source]:
        """The same sources with as much concurrency as each entry of the map needs."""
        loads = offered(sources, self.model, self.mix, jobs / HOUR)
        need: dict[str, int] = {}
        for name, source in sources.items():
            load, seconds = loads.get(name, (0.0, 1.0))
            wanted = servers_needed(load, seconds * source.batch, PATIENCE) if load else 1
            need[source.key] = max(need.get(source.key, source.servers), wanted)
        return {name: _with(source, need[source.key]) for name, source in sources.items()}

    def _raised_text(self, full: Mapping[str, Source], raised: Mapping[str, Source]) -> str:
        before = {source.key: source.servers for source in full.values()}
        after = {source.key: source.servers for source in raised.values()}
        total = sum(source.servers for source in raised.values())
        entries = ", ".join(f"{key} {before[key]} → {after[key]}" for key in before)
        loads = offered(raised, self.model, self.mix, self.jobs * FACTORS[-1] / HOUR)
        flow = loads[FLOW][0]
        return (
            "Entries of the template's map `Concurrency` with which 99 % of the jobs wait at most "
            f"{PATIENCE:.0f} s in each queue, by Erlang's formula: {entries}; and "
            f"`ParallelizationFactor: {OUTBOXES}` at `OutboxSource`. That is at most "
            f"{total:,} invocations at once; the video flow takes {flow:.0f} more on average. "
            f"{_account(total + 2 * round(flow))} Below, the flow has what the rest leaves of "
            f"{max(ACCOUNT_CONCURRENCY, total):,}.\n"
        )

    def _costs(self) -> list[tuple[str, ...]]:
        rows = []
        for factor in FACTORS:
            sums = cost(self.model, self.mix, self.jobs * factor)
            rows.append(
                (
                    f"{factor} ×",
                    f"{self.jobs * factor:,}",
                    *(f"{amount:,.2f}" for amount in sums.values()),
                    f"{sum(sums.values()):,.2f}",
                )
            )
        return rows


_TIER_HEAD = (
    *("peak", "tier", "jobs", "wait p50", "wait p99", "told p50", "told p99", "past deadline"),
)
_LIMITS = """## What this does not show

* *Wait* is from sending to the beginning of the work, *told* from sending to the API's answer.
  *Past deadline* is the share told later than its tier's deadline; the sweeper fails such jobs.
* The academy's API is taken to answer at once. At 100 times the peak it gets hundreds of
  posts a second.
* Retries, duplicates and the sweeper's messages are left out: they are a few in a thousand jobs
  unless something is broken ([faults.md](faults.md)).
* DynamoDB on demand and SQS standard queues are taken to keep up. A new table takes 4,000 writes a
  second at once (AWS DynamoDB quotas); 100 times the peak needs six for each
  job.
* Lambda adds pollers to a busy queue over a minute or more; here they are there at once.
* A Lambda core is taken to be as fast as the one the durations were measured on.
"""


def _with(source: Source, servers: int) -> Source:
    return replace(source, servers=servers)


def _account(wanted: int) -> str:
    if wanted <= ACCOUNT_CONCURRENCY:
        return f"The account's {ACCOUNT_CONCURRENCY:,} are enough."
    return f"The account's {ACCOUNT_CONCURRENCY:,} must be raised to {-(-wanted // 500) * 500:,}."


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def main() -> None:
    """Simulate and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--academies", type=int, default=50)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "capacity.md")
    asked = parser.parse_args()
    asked.out.write_text(Report(asked.academies, asked.students).text(), encoding="utf-8")
    print(f"written: {asked.out}")


if __name__ == "__main__":
    main()
