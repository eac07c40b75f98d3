"""A night's work for the protocol: a hundred thousand jobs over two thousand random evenings.

    .venv/bin/python -m tests.protocol.soak [--schedules 2000] [--jobs 50] [--first-seed 0]

Prints how many jobs and writes were played and every broken promise with its seed; exits 1 for any.
"""

import argparse
import sys
import time
from collections import Counter

from tests.protocol.harness.schedule import random_schedule
from tests.protocol.harness.world import World


def main() -> None:
    """Play and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=2_000)
    parser.add_argument("--jobs", type=int, default=50, help="jobs a schedule")
    parser.add_argument("--first-seed", type=int, default=0)
    asked = parser.parse_args()
    sys.exit(_play(range(asked.first_seed, asked.first_seed + asked.schedules), asked.jobs))


def _play(seeds: range, jobs: int) -> int:
    counts: Counter[str] = Counter()
    started = time.monotonic()
    for seed in seeds:
        world = World(random_schedule(seed, jobs))
        broken = world.play()
        counts["schedules"] += 1
        counts["jobs"] += jobs
        counts["rows"] += len(world.table.rows())
        counts["writes"] += len(world.history.writes)
        counts["executions"] += sum(world.history.executions.values())
        counts["violations"] += len(broken)
        for line in broken:
            print(f"seed {seed}: {line}")
        if seed % 100 == 99:
            print(f"{dict(counts)} after {time.monotonic() - started:.0f} s", flush=True)
    print(dict(counts))
    return int(counts["violations"] > 0)


if __name__ == "__main__":
    main()
