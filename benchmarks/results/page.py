"""The results as a Markdown page."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.results.row import Row

TRIED = Path(__file__).with_name("tried.toml")
_VERDICTS = {True: "met", False: "**missed**", None: "–"}

_HEAD = """# Results

    make results          # this page, smoke size, about ten minutes
    make results FULL=1   # the nightly size

Every reader's bar, what was measured, and the baseline of the same run. Rows are of one run on
shared cores: CPU times are noisy there, ratios less so. All inputs are rendered by the project's
own generators from seeds that nothing was tuned on; the readers' own pages tell more, and how large
the set behind their figures is.
"""


@dataclass(frozen=True, slots=True)
class Run:
    """When and at which size the rows were measured, by section; `failed` sections have no rows."""

    day: date
    full: bool
    seconds: float
    rows: Mapping[str, Sequence[Row]]
    failed: Mapping[str, str]


def markdown(run: Run) -> str:
    """Write the page."""
    return "\n".join([_HEAD, *_summary(run), *_missed(run), *_tables(run)])


def _summary(run: Run) -> list[str]:
    judged = [row for rows in run.rows.values() for row in rows if row.met is not None]
    met = sum(row.met is True for row in judged)
    size = "nightly" if run.full else "smoke"
    lines = [
        f"{run.day}, {size} size, {run.seconds / 60:.0f} min: {met} of {len(judged)} bars met.\n"
    ]
    return lines + [f"`{name}` could not be measured: {why}\n" for name, why in run.failed.items()]


def _missed(run: Run) -> list[str]:
    tried = tomllib.loads(TRIED.read_text("utf-8"))
    lines = ["## Missed\n"]
    for name, rows in run.rows.items():
        missed = [row for row in rows if row.met is False]
        lines += [f"* `{name}`, {row.item}: {row.measured}, wanted {row.bar}." for row in missed]
        if missed:
            lines.append("\n  " + tried[name].strip().replace("\n", "\n  ") + "\n")
    return lines if len(lines) > 1 else [*lines, "Nothing.\n"]


def _tables(run: Run) -> list[str]:
    lines = []
    for name, rows in run.rows.items():
        lines += [
            f"## `{name}`\n",
            "| what | measured | bar | | baseline, same run |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {row.item} | {row.measured} | {row.bar} | {_VERDICTS[row.met]} | {row.peer} |"
            for row in rows
        ]
        commands = dict.fromkeys(row.command for row in rows if row.command)
        lines += ["", *(f"    {command}" for command in commands), ""]
    return lines
