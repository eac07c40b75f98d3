"""The gate's last line names what was not run."""

from pathlib import Path

import pytest

from tests.skipped import summary

SKIPPED = (
    '<testcase name="{}"><skipped type="pytest.skip" message="no engine">x</skipped></testcase>'
)


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ('<testcase name="a"/>', "left out: none of 1 tests"),
        (
            SKIPPED.format("a") + '<testcase name="b"/>' + SKIPPED.format("c"),
            "left out: 2 of 3 tests: 2 × no engine",
        ),
    ],
)
def test_each_reason_is_told_with_its_count(tmp_path: Path, cases: str, said: str) -> None:
    report = tmp_path / "tests.xml"
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    assert summary(report) == said
