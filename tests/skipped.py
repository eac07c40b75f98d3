"""What a test run left out and why, in one line: `python -m tests.skipped out/tests.xml`."""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def summary(report: Path) -> str:
    """Read pytest's JUnit report. Raises `OSError`, `ElementTree.ParseError`."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    reasons = Counter(
        left_out.get("message", "no reason given")
        for case in cases
        for left_out in case.iter("skipped")
    )
    if not reasons:
        return f"left out: none of {len(cases):,} tests"
    told = "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common())
    return f"left out: {reasons.total():,} of {len(cases):,} tests: {told}"


if __name__ == "__main__":
    print(summary(Path(sys.argv[1])))
