"""Where text ends and LaTeX begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.wrong_note.mixed_text import Part, parts


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("값 $x^2$의", ["x^2"]),
        (r"\(a+b\)와 \[c\]", ["a+b", "c"]),
        ("$$\n\\frac12\n$$", [r"\frac12"]),
        ("사과는 $5, 배는 $6이다", []),
        ("$ 5 $", []),
        (r"\$3과 $y$", ["y"]),
        (r"$\text{값 \$3}$", [r"\text{값 \$3}"]),
        ("$끝이 없다", []),
        ("", []),
    ],
)
def test_formulas_are_found_and_money_is_not(text: str, formulas: list[str]):
    assert [part.text for part in parts(text) if part.formula] == formulas


def test_display_formulas_are_told_from_those_in_a_line():
    assert [part.block for part in parts(r"$a$ $$b$$ \(c\) \[d\]") if part.formula] == [
        False,
        True,
        False,
        True,
    ]


def test_an_escaped_dollar_is_a_dollar():
    assert list(parts(r"값은 \$3")) == [Part("값은 $3")]


@given(st.text(alphabet=st.characters(exclude_characters="$\\\r", exclude_categories=["C"])))
def test_text_without_formulas_stays_as_it_is(text: str):
    assert "".join(part.text for part in parts(text)) == text


@given(st.text())
def test_control_characters_never_reach_the_page(text: str):
    shown = "".join(part.text for part in parts(text))
    assert not [sign for sign in shown if sign < " " and sign not in "\n\t"]
