"""Numeric answers are checked by computing them."""

from fractions import Fraction

import pytest

from analysis.problem.computed import Verdict, check_answer, evaluate, number_in


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("2 + 3", 5),
        ("(1 + 2) * 3 - 4 / 2", 7),
        ("2^10", 1024),
        ("-3 * -2", 6),
        ("1/3 + 1/6", Fraction(1, 2)),
        ("0.1 + 0.2", Fraction(3, 10)),
    ],
)
def test_formulas_are_exact(formula: str, value: Fraction) -> None:
    assert evaluate(formula) == value


@pytest.mark.parametrize(
    "formula", ["x + 1", "__import__('os')", "2^2^9999", "9**9**9", "1 if 1 else 2", "", "1" * 300]
)
def test_anything_else_is_not_computed(formula: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        evaluate(formula)


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("12개", 12), ("-3.5 cm", Fraction(-7, 2)), ("2/3", Fraction(2, 3))]
    + [("1,200원", 1200), ("3 또는 5", None), ("없다", None), ("1/0", None)],
)
def test_the_number_of_an_answer(text: str, number: Fraction | None) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("formula", "answer", "verdict"),
    [
        ("2+3", "5", Verdict.SELF_CONSISTENT),
        ("2+3", "6", Verdict.WRONG),
        (None, "5", Verdict.UNCHECKED),
        ("2+3", "다섯", Verdict.UNCHECKED),
        ("1/0", "5", Verdict.UNCHECKED),
    ],
)
def test_verdicts(formula: str | None, answer: str, verdict: Verdict) -> None:
    assert check_answer(None, formula, answer) is verdict
