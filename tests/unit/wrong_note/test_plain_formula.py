"""Formulas set as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.wrong_note.plain_formula import plain


def shown(latex: str) -> str | None:
    """What stands on the line, scripts in brackets, spaces as spaces."""
    runs = plain(latex)
    if runs is None:
        return None
    marks = {"": "{}", "sup": "^[{}]", "sub": "_[{}]"}
    return "".join(marks[run.script].format(run.text) for run in runs).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        ("x^2-5x+3=0", "𝑥^[2] − 5𝑥 + 3 = 0"),
        (r"-2<x\le 4", "−2 < 𝑥 ≤ 4"),
        (r"2\times(-3)", "2 × (−3)"),
        (r"a_n=a_{n-1}+1", "𝑎_[𝑛] = 𝑎_[𝑛−1] + 1"),
        (r"\mathrm{A}(-1,\,2)", "A(−1, 2)"),
        (r"\angle ABC=60^\circ", "∠𝐴𝐵𝐶 = 60°"),
        (r"v_{\text{평균}}", "𝑣_[평균]"),
        (r"\left(x+1\right)^2", "(𝑥 + 1)^[2]"),
        (r"\sin 2x", "sin 2𝑥"),
        (r"\alpha+\beta", "𝛼 + 𝛽"),
        ("h", "ℎ"),
        ("f'(x)", "𝑓′(𝑥)"),
        ("0.5", "0.5"),
    ],
)
def test_a_line_of_signs_is_text(latex: str, text: str):
    assert shown(latex) == text


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac12",
        r"\sqrt2",
        "x_1^2",
        r"{}_5C_2",
        r"\log_2 8",
        r"\sin^2 x",
        r"\mathrm{m/s^2}",
        r"\overline{AB}",
        "x^",
        "x^{",
        "}",
        "{x}",
        "",
        r"\nosuchcommand",
        "가",
        "x^{y^2}",
    ],
)
def test_everything_else_is_left_to_be_drawn(latex: str):
    assert plain(latex) is None


@given(st.text(alphabet=r"\{}^_$&<>lefratxhmn12+-=()'[],. 가" + "\\", max_size=30))
def test_no_input_raises(latex: str):
    runs = plain(latex)
    assert runs is None or all("\\" not in run.text for run in runs)
