"""How long a cold import of each function's handler takes, against Python's own start.

    .venv/bin/python -m benchmarks.cold_imports

Each import runs in a process of its own; the median CPU time of several is taken, and the import of
`boto3` alone is the baseline of the same run.
"""

import resource
import statistics
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
ROUNDS = 5
GLUE = {"admit", "outbox", "notify", "finalize", "sweep", "pull", "gpu_wake"}
BARS = {"glue": 0.6, "image": 1.5}
"""s, the target of each kind."""


def seconds(module: str) -> float:
    """Median CPU time in s of a fresh interpreter importing `module`."""
    times = []
    for _ in range(ROUNDS):
        before = _cpu_of_children()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True, cwd=ROOT)
        times.append(_cpu_of_children() - before)
    return statistics.median(times)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def functions_of() -> dict[str, list[str]]:
    """Names of the functions of each kind."""
    names = sorted(app.parent.name for app in (ROOT / "functions").glob("*/app.py"))
    return {
        "glue": [name for name in names if name in GLUE],
        "image": [name for name in names if name not in GLUE],
    }


def main() -> None:
    """Print the table; exits 1 if a function misses its bar."""
    start, boto3 = seconds("sys"), seconds("boto3")
    table = Table("function", "kind", "import s", "bar s", "x boto3", title="cold imports")
    missed = False
    for kind, names in functions_of().items():
        for name in names:
            took = seconds(f"functions.{name}.app") - start
            missed |= took > BARS[kind]
            ratio = f"{took / (boto3 - start):.1f}"
            table.add_row(name, kind, f"{took:.2f}", f"{BARS[kind]}", ratio)
    table.caption = f"interpreter alone {start:.2f} s, boto3 {boto3 - start:.2f} s, both excluded"
    Console().print(table)
    sys.exit(missed)


if __name__ == "__main__":
    main()
