"""How long a cold import of each function's handler takes, against Python's own start.

    .venv/bin/python -m benchmarks.cold_imports

Each import runs in a process of its own; the median of several is taken, and the import of
`boto3` alone is the baseline of the same run.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
ROUNDS = 5
GLUE = {"admit", "outbox", "notify", "finalize", "sweep", "pull"}
BARS = {"glue": 0.6, "image": 1.5}
"""s, the target of each kind."""


def seconds(module: str) -> float:
    """Median wall time in s of a fresh interpreter importing `module`."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True, cwd=ROOT)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    """Print the table; exits 1 if a function misses its bar."""
    start, boto3 = seconds("sys"), seconds("boto3")
    table = Table("function", "kind", "import s", "bar s", "x boto3", title="cold imports")
    missed = False
    for app in sorted((ROOT / "functions").glob("*/app.py")):
        name = app.parent.name
        kind = "glue" if name in GLUE else "image"
        took = seconds(f"functions.{name}.app") - start
        missed |= took > BARS[kind]
        table.add_row(name, kind, f"{took:.2f}", f"{BARS[kind]}", f"{took / (boto3 - start):.1f}")
    table.caption = f"interpreter alone {start:.2f} s, boto3 {boto3 - start:.2f} s, both excluded"
    Console().print(table)
    sys.exit(missed)


if __name__ == "__main__":
    main()
