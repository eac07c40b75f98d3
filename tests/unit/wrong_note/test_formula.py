"""LaTeX as SVG."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.wrong_note.formula import MAX_CHARS, draw

SCHOOL = [
    r"\frac{-b\pm\sqrt{b^2-4ac}}{2a}",
    r"\int_0^1 x^2\,dx",
    r"\sum_{k=1}^{n} k^2",
    r"\lim_{x\to\infty}\frac{1}{x}",
    r"\begin{cases} x+y=3 \\ x-y=1 \end{cases}",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"\overline{AB}\perp\overline{CD}",
    r"\angle ABC=60^\circ",
    r"\triangle ABC\equiv\triangle DEF",
    r"\log_2 8",
    r"\vec{a}\cdot\vec{b}",
    r"{}_5\mathrm{C}_2",
    r"0.\dot{3}",
    r"\sqrt[3]{27}",
    r"a\le b\ge c\ne d",
    r"x\in\mathbb{R}",
    r"\left(\frac12\right)^n",
]


@pytest.mark.parametrize("latex", SCHOOL)
def test_school_formulas_are_drawn(latex: str):
    drawing = draw(latex)
    assert drawing is not None
    assert drawing.width > 0
    assert -0.5 <= drawing.depth <= drawing.height
    assert ET.fromstring(drawing.svg).find("{http://www.w3.org/2000/svg}path") is not None


def test_hangul_within_a_formula_is_drawn():
    assert draw(r"\frac{\text{이동 거리}}{\text{걸린 시간}}") is not None


def test_hangul_in_an_index_is_not_swapped_for_another_syllable():
    # 구 has the glyph number of a maths sign that is replaced by another in an index.
    alone, index = draw("구"), draw("v_구")
    assert alone is not None
    assert index is not None
    assert _outline(alone.svg)[-12:] == _outline(index.svg)[-12:]


def test_a_sign_is_set_tighter_than_a_difference():
    minus_as_sign = width("x=-1") - width("x=1")
    minus_between = width("x=y-1") - width("x=y1")
    assert minus_as_sign < minus_between - 0.2


@pytest.mark.parametrize(
    "latex",
    ["", "  ", r"\frac{1", r"\nosuchcommand{3}", r"\ce{H2O}", "😀", "x" * (MAX_CHARS + 1)],
)
def test_what_cannot_be_read_is_refused_not_drawn_wrongly(latex: str):
    assert draw(latex) is None


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        (r"\frac{1}{", "}"),
        (r"\sqrt{", "}"),
        (r"\left(", r"\right)"),
        ("x^{", "}"),
        (r"\begin{pmatrix}", r"\end{pmatrix}"),
        (r"\overline{", "}"),
        (r"\frac{\sqrt{", "}}{2}"),
    ],
)
def test_deep_nesting_is_refused_before_it_costs(opening: str, closing: str):
    # Time doubles with every level: what is accepted stays small, what is not is not laid out.
    assert draw(opening * 3 + "x" + closing * 3) is not None
    deep = opening * 24 + "x" + closing * 24
    assert draw(deep[:MAX_CHARS]) is None


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=r"\{}^_$&<>frac sqrt12xy가-=()[]" + "\\", max_size=30))
def test_no_input_raises(latex: str):
    drawing = draw(latex)
    assert drawing is None or drawing.width > 0


def width(latex: str) -> float:
    drawing = draw(latex)
    assert drawing is not None
    return drawing.width


def _outline(svg: str) -> list[str]:
    """The letters of a path's commands: the shape whatever its size and place."""
    path = ET.fromstring(svg).find("{http://www.w3.org/2000/svg}path")
    assert path is not None
    return re.findall("[A-Z]", path.attrib["d"])
