"""`python -m tests.fuzz [--inputs N] [--seed S] [--target NAME] [--only INDEX]`."""

import argparse
import faulthandler
import sys
import time
from functools import partial

from tests.fuzz.campaign import Report, run
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Run the campaigns; 1 if anything was found."""
    options = _options()
    faulthandler.enable()
    indices = range(options.inputs) if options.only is None else [options.only]
    found = 0
    for target in TARGETS:
        if options.target in (None, target.name):
            start = time.process_time()
            report = run(target, indices, options.seed, partial(_tell, target.name))
            _print(report, len(indices), time.process_time() - start)
            found += len(report.findings)
    return min(found, 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="inputs for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", choices=[target.name for target in TARGETS])
    parser.add_argument("--only", type=int, metavar="INDEX", help="repeat one input")
    return parser.parse_args()


def _tell(name: str, index: int) -> None:
    print(f"\r{name} {index:,}", end="", file=sys.stderr, flush=True)


def _print(report: Report, inputs: int, seconds: float) -> None:
    print(
        f"\r{report.target}: {inputs:,} inputs, {len(report.findings)} findings, "
        f"{seconds:.0f} s, slowest {1000 * report.slowest:.0f} ms"
    )
    for outcome, count in report.outcomes.most_common():
        print(f"    {count:>9,}  {outcome}")
    for finding in report.findings[:10]:
        print(f"  input {finding.index}: {finding.what}")


if __name__ == "__main__":
    sys.exit(main())
