"""The table of metrics names each one, and marks those that alarms read."""

import re
from pathlib import Path

import pytest

from jobs.telemetry import ALARMING, Metric

PAGE = (Path(__file__).parents[3] / "docs" / "observing.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`\w+`[^|]*)\|", PAGE.partition("## Metrics")[2], re.MULTILINE)


@pytest.mark.parametrize("metric", Metric)
def test_a_metric_has_its_row(metric: Metric) -> None:
    [row] = [row for row in ROWS if f"`{metric.value}`" in row]
    assert ("†" in row) == (metric in ALARMING)


def test_the_table_names_nothing_else() -> None:
    named = {name for row in ROWS for name in re.findall(r"`(\w+)`", row)}
    assert named == {metric.value for metric in Metric}
