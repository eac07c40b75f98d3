"""`academy-worker handwriting evaluate`, and the measure it prints."""

import json

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from academy_worker.commands.handwriting import app
from analysis.ranking import area_under_curve

_SCORES = st.lists(st.integers(0, 20), min_size=1, max_size=8)


def test_it_scores_a_labelled_folder(tmp_path, sheets):
    for marks in (0, 15):
        cv2.imwrite(str(tmp_path / f"page_{marks}.png"), sheets.written[marks])
        (tmp_path / f"page_{marks}.json").write_text(json.dumps({"marks": marks}))
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path)], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    row = next(line for line in result.output.splitlines() if " 15 " in line)
    assert row.rstrip(" │").endswith("1.000")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [([1, 2], [3, 4], 1.0), ([3, 4], [1, 2], 0.0), ([1], [1], 0.5), ([1, 3], [2], 0.5)],
)
def test_area_under_curve(low, high, expected):
    assert area_under_curve(low, high) == expected


@given(_SCORES, _SCORES)
def test_the_two_directions_add_up_to_one(low, high):
    forward = area_under_curve(low, high)
    assert forward + area_under_curve(high, low) == pytest.approx(1.0)


def test_an_empty_group_is_refused():
    with pytest.raises(ValueError, match="both groups"):
        area_under_curve([], [1.0])
