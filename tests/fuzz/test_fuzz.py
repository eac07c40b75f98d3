"""A few thousand inputs of the nightly campaign, and proof that it would find something."""

from random import Random

import pytest

from tests.fuzz.campaign import run
from tests.fuzz.targets import TARGETS, Target


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_input_ends_in_an_uncoded_error(target: Target) -> None:
    report = run(target, range(3000), seed=20260302)

    assert report.findings == []
    assert len(report.outcomes) >= 2, "the inputs reach one outcome only"


def test_a_parser_that_crashes_is_found() -> None:
    def crash(value: int) -> str:
        return str(1 / (value % 100))

    report = run(Target("planted", lambda rng: rng.randrange(10_000), crash), range(1000), seed=1)

    assert report.findings
    assert "ZeroDivisionError" in report.findings[0].what


def test_a_finding_is_repeated_by_its_index() -> None:
    for target in TARGETS:
        first, second = (target.make(Random(f"7/{target.name}/42")) for _ in range(2))
        assert repr(first) == repr(second)
