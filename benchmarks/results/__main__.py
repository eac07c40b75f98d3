"""Measure every reader against its bars and write docs/results.md.

    .venv/bin/python -m benchmarks.results [--full] [--only SECTION ...] [--out docs/results.md]

Each section runs in a process of its own, one after another, so that none warms or slows the next.
Exits 1 if a section could not be measured; a missed bar is a result, not a failure.
"""

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.results.page import Run, markdown
from benchmarks.results.row import Row
from benchmarks.results.sections import SECTIONS, section

PAGE = Path(__file__).parents[2] / "docs" / "results.md"
PATIENCE = {False: 600, True: 7200}
"""s a section may take, smoke and nightly."""


def main() -> None:
    """Measure and write, or with --measure print one section's rows as JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the nightly size")
    parser.add_argument("--only", nargs="*", choices=[*SECTIONS], default=[*SECTIONS])
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.add_argument("--measure", choices=[*SECTIONS], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        for row in section(asked.measure)(asked.full):
            print(json.dumps(row.as_dict(), ensure_ascii=False), flush=True)
        return
    sys.exit(_write(asked.only, asked.full, asked.out))


def _write(names: list[str], full: bool, out: Path) -> int:
    started = time.monotonic()
    rows: dict[str, list[Row]] = {}
    failed: dict[str, str] = {}
    for name in names:
        began = time.monotonic()
        try:
            rows[name] = _measured(name, full)
        except subprocess.SubprocessError as error:
            failed[name] = str(error).split("'")[-1].strip(" .") or type(error).__name__
        print(f"{name}: {time.monotonic() - began:.0f} s {failed.get(name, '')}", flush=True)
    run = Run(datetime.now(UTC).date(), full, time.monotonic() - started, rows, failed)
    out.write_text(markdown(run), encoding="utf-8")
    print(f"wrote {out}")
    return int(bool(failed))


def _measured(name: str, full: bool) -> list[Row]:
    """Run one section in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.results", "--measure", name]
    done = subprocess.run(
        [*command, *(["--full"] if full else [])],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=PATIENCE[full],
    )
    return [Row(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


if __name__ == "__main__":
    main()
