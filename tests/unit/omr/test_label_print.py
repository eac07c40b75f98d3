"""What is print and what is pen, where one choice is marked from top to bottom."""

import numpy as np
import pytest

from analysis.omr.label_print import told
from analysis.omr.sampling import DISC, PATCH, radius_grid
from analysis.omr.standard_form import standard_meta
from analysis.omr.template import Template, parse_template

INSIDE = radius_grid() <= DISC
PRINT, PALE, DARK = 0.06, 0.14, 0.72
"""Darkness of a label's print, of pale pencil over it, and of a full mark."""

_GAPS = 0.45
"""Share of a full mark that its strokes leave nearly white, in no two marks alike."""

COLUMNS = {
    "a_few_dark": [DARK] * 4 + [PALE] + [PRINT] * 15,
    "most_dark": [DARK] * 12 + [PALE] * 2 + [PRINT] * 6,
    "all_dark_but_two_pale": [DARK] * 18 + [PALE] * 2,
    "nearly_all_dark": [DARK] * 17 + [PALE] * 2 + [PRINT],
    "all_pale": [PALE] * 20,
    "nearly_all_pale": [PALE] * 17 + [PRINT] * 3,
}


def sheet(column: list[float]) -> tuple[Template, np.ndarray, np.ndarray, list[int]]:
    """A form of 20 questions whose second choice has `column`; other rows have another choice."""
    template = parse_template(standard_meta(20))
    rng = np.random.default_rng(3)
    level = np.full(len(template.labels), PRINT)
    second = [question.choices[1].index for question in template.questions]
    level[second] = column
    other = [question.choices[3].index for question in template.questions]
    level[other] = np.where(level[second] == PRINT, DARK, PRINT)
    level[[digit.choices[place % 10].index for place, digit in enumerate(template.digits)]] = DARK
    holes = rng.random((len(level), 7, 7)) < _GAPS
    gaps = holes.repeat(PATCH // 7, axis=1).repeat(PATCH // 7, axis=2)
    strokes = np.where(gaps & (level == DARK)[:, None, None], PALE, level[:, None, None])
    seen = strokes + rng.normal(0, 0.004, strokes.shape)
    return template, seen.astype(np.float32), level, second


@pytest.mark.parametrize("name", COLUMNS)
def test_a_pale_mark_is_never_taken_for_the_print_of_its_column(name: str) -> None:
    template, signed, level, second = sheet(COLUMNS[name])
    telling, ink = told(signed, INSIDE, template)
    area = ink[:, INSIDE].mean(axis=1)
    pale = [index for index in second if level[index] == PALE]
    blank = np.flatnonzero(level == PRINT)
    assert area[pale].min() > 0.04
    assert area[blank].max() < 0.02
    assert not telling.borrowed[np.setdiff1d(np.arange(len(level)), second)].any()


@pytest.mark.parametrize(
    ("name", "borrowed"),
    [("a_few_dark", False), ("most_dark", False), ("all_pale", True), ("nearly_all_dark", True)],
)
def test_print_is_told_from_other_labels_only_where_its_own_shows_none(
    name: str, borrowed: bool
) -> None:
    template, signed, _, second = sheet(COLUMNS[name])
    telling, _ = told(signed, INSIDE, template)
    assert set(telling.borrowed[second].tolist()) == {borrowed}


@pytest.mark.parametrize("filled", [True, False], ids=["filled in", "else unmarked"])
def test_a_label_printed_heavier_than_others_is_print_where_its_rows_have_other_marks(
    filled: bool,
) -> None:
    template, signed, _, _ = sheet(COLUMNS["a_few_dark"])
    bubbles = np.array([[choice.index for choice in digit.choices] for digit in template.digits])
    if not filled:
        signed[bubbles] = PRINT
    zeros = bubbles[1:, 0]
    signed[bubbles[:, 0]] += 0.025
    telling, ink = told(signed, INSIDE, template)
    assert telling.borrowed[zeros].all() == (not filled)
    assert (ink[zeros][:, INSIDE].mean() < 0.005) == filled
