"""A formula looks the same through the short way into the PDF as through its SVG."""

import xml.etree.ElementTree as ET

import numpy as np
import pypdfium2
import pytest

from analysis.wrong_note import formula
from analysis.wrong_note.outline import outline_of
from analysis.wrong_note.pdf import pdf

LATEX = [
    r"\frac{1}{2}",
    r"\sqrt{x^2+\bar{3}}",
    r"\sum_{k=1}^{10} k^2",
    r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
    r"\left(\frac{평균}{b}\right)^3",
]


def _ink(html: str) -> np.ndarray:
    page = pypdfium2.PdfDocument(pdf(html).data)[0]
    return page.render(scale=8, grayscale=True).to_numpy().astype(int)


@pytest.mark.parametrize("latex", LATEX)
def test_outline_and_svg_print_alike(latex: str, monkeypatch: pytest.MonkeyPatch):
    drawing = formula.draw(latex)
    assert drawing is not None
    assert drawing.outline is not None
    uri = formula.svg_uri(drawing)
    size = f"width:{drawing.width}em;height:{drawing.height}em"
    html = f'<p style="color:#777">a <img src="{uri}" style="{size}"> b</p>'
    short = _ink(html)
    monkeypatch.setattr(formula, "_outlines", {})
    through_svg = _ink(html)
    darkness = (255 - through_svg).sum()
    assert darkness > 100 * 255
    # A renderer puts a lone rectangle on whole pixels, and one among other shapes where it is.
    assert np.abs(short - through_svg).sum() < 0.03 * darkness


@pytest.mark.parametrize(
    "shape",
    [
        '<circle cx="1" cy="1" r="1"/>',
        '<path d="M 0 0 A 1 1 0 0 0 2 2"/>',
        '<path d="M 0 0 l 1 1"/>',
        '<rect x="0" y="0" width="1" height="1" fill="red"/>',
        '<path d="M 0 0 L 1 1" stroke="black"/>',
    ],
)
def test_what_an_outline_cannot_say_stays_svg(shape: str):
    svg = ET.fromstring(f'<svg viewBox="0 0 2 2">{shape}</svg>')
    assert outline_of(svg) is None


@pytest.mark.parametrize(
    "latex",
    [
        *LATEX,
        r"\lim_{x\to 2}\frac{x^2-4}{x-2}",
        r"\{x\mid x>\frac12\}",
        r"\underbrace{a+b}_{n}",
        r"P(A|B)=\frac{P(A\cap B)}{P(B)}",
        r"\|\vec{a}\|\int_0^1 x",
        r"\overrightarrow{AB}",
    ],
)
def test_a_row_laid_out_once_is_drawn_as_one_laid_out_twice(latex: str):
    from ziamath.nodes.mnode import _node_classes
    from ziamath.nodes.mrow import Mrow

    quick = formula.draw.__wrapped__(latex)
    ours = _node_classes["mrow"]
    assert ours is not Mrow
    _node_classes["mrow"] = Mrow
    try:
        thorough = formula.draw.__wrapped__(latex)
    finally:
        _node_classes["mrow"] = ours
    assert quick == thorough
