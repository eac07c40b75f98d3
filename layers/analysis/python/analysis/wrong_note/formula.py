"""LaTeX as SVG: latex2mathml reads it, ziamath sets it in STIX Two Math, pure Python."""

import base64
import re
import xml.etree.ElementTree as ET
from collections import OrderedDict
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from analysis.wrong_note.outline import Outline, outline_of

MAX_CHARS = 1_000
"""Characters of one formula."""

MAX_EFFORT = 4_000
"""Most effort (see `_effort`) spent on one formula: 0.3 s; school formulas take 40-400."""

_ROWS = frozenset({"math", "mrow", "mfenced", "menclose", "mpadded", "mphantom", "mstyle", "mtd"})
"""Elements of which ziamath lays out all content twice, first for its height."""

_SIZE = 20.0
"""SVG px per em; only ratios leave this module."""

_HANGUL_FONTS = (
    Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf"),
    Path("/usr/share/fonts/nanum/NanumGothic.ttf"),
)
"""Where Debian and Fedora put the font that Hangul inside a formula is drawn with."""


_SIGN = re.compile(
    r"""(?P<before>
        [=<>(\[,|:] \s* | \\[{|] \s*
      | \\(?: le | leq | ge | geq | ne | neq | lt | gt | times | div | cdot | to | in | pm | mp
          | approx | equiv | Rightarrow ) (?![A-Za-z]) \s*
      | \\(?: left | bigl? | Bigl? ) \s* (?: \\\{ | . ) \s*
    ) -""",
    re.VERBOSE,
)
"""A minus that is a sign, not a difference: MathML would space both alike."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A formula as SVG; lengths in em, `depth` is how far it reaches below the baseline.

    `outline` is the same for the PDF, None where it holds more than filled shapes.
    """

    svg: str
    outline: Outline | None
    width: float
    height: float
    depth: float
    effort: int


_outlines: OrderedDict[str, Outline] = OrderedDict()
"""Outlines by the `data:` URI of their SVG, the last used last."""

_KEPT = 2_048
"""Formulas kept for the next notes of a process: 30 MB at most of a school's."""


def svg_uri(drawing: Drawing) -> str:
    """The `data:` URI of a drawing; its outline is remembered for the PDF."""
    uri = "data:image/svg+xml;base64," + base64.b64encode(drawing.svg.encode()).decode()
    if drawing.outline is not None:
        _outlines[uri] = drawing.outline
        _outlines.move_to_end(uri)
        if len(_outlines) > _KEPT:
            _outlines.popitem(last=False)
    return uri


def outline_by_uri(uri: str) -> Outline | None:
    """The outline of a drawing whose `svg_uri` was lately asked for."""
    return _outlines.get(uri)


@lru_cache(maxsize=_KEPT)
def draw(latex: str) -> Drawing | None:
    """Set one formula; None where it is no LaTeX we can read or a sign has no glyph.

    Fractions are set in full size within a line too, as Korean textbooks do.
    """
    if not latex.strip() or len(latex) > MAX_CHARS:
        return None
    from ziamath.escapes import unescape
    from ziamath.tex import tex2mml
    from ziamath.zmath import Math

    try:
        mathml = tex2mml(_SIGN.sub(r"\g<before>{-}", latex))
        tree = ET.fromstring(unescape(mathml))  # noqa: S314 - written by latex2mathml
        effort = _effort(tree)
        if effort > MAX_EFFORT or not _readable(tree):
            return None
        svg = Math(mathml, size=_SIZE, font=_korean_math_font().name).svgxml()
    except Exception:
        # Both libraries raise whatever comes (AssertionError, IndexError, ...) on broken LaTeX.
        return None
    _, top, width, height = (float(part) for part in svg.attrib["viewBox"].split())
    if width <= 0 or height <= 0:
        return None
    flat = _flat(svg)
    return Drawing(
        svg=ET.tostring(flat, encoding="unicode"),
        outline=outline_of(flat),
        width=width / _SIZE,
        height=height / _SIZE,
        depth=(top + height) / _SIZE,
        effort=effort,
    )


def _flat(svg: ET.Element) -> ET.Element:
    """Join the outlines of all glyphs into one path: a renderer pays for each element."""
    outlines = [shape for shape in svg if shape.tag == "path" and set(shape.attrib) <= _PLAIN]
    if not outlines:
        return svg
    for shape in outlines:
        svg.remove(shape)
    ET.SubElement(svg, "path", d="".join(shape.attrib["d"] for shape in outlines))
    return svg


_PLAIN = {"d", "fill"}


def stix_font() -> Path:
    """The STIX Two Math font (OFL) that ships with ziamath; it has the signs text fonts lack."""
    found = find_spec("ziamath")  # not imported: a note without a formula has no use for the rest
    if found is None or found.origin is None:
        raise ModuleNotFoundError("ziamath")
    return Path(found.origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"


def _effort(tree: ET.Element) -> int:
    """Count how often elements will be laid out: 2 to the power of the rows around each.

    About 0.1 ms a unit; twenty brackets within each other would take hours.
    """
    effort, open_elements = 0, [(tree, 1)]
    while open_elements and effort <= MAX_EFFORT:
        element, times = open_elements.pop()
        effort += times
        inner = 2 * times if element.tag.rpartition("}")[2] in _ROWS else times
        open_elements += [(child, inner) for child in element]
    return effort


def _readable(tree: ET.Element) -> bool:
    """Tell whether every command was understood and every sign has a glyph.

    latex2mathml passes an unknown command on as its own name, backslash and all.
    """
    has_glyph = _korean_math_font().has_glyph
    signs = set("".join(tree.itertext()))
    return "\\" not in signs and all(
        sign.isspace() or sign in _INVISIBLE or has_glyph(sign) for sign in signs
    )


_INVISIBLE = frozenset("\u200b\u2061\u2062\u2063\u2064")
"""Operators MathML writes and nobody sees."""


class _MathFont(NamedTuple):
    """The name ziamath knows a font by, and whether the font can draw a sign."""

    name: str
    has_glyph: Callable[[str], bool]


@lru_cache(maxsize=1)
def _korean_math_font() -> _MathFont:
    """Register the maths font with Hangul added."""
    from ziafont.font import Font
    from ziamath.config import config
    from ziamath.mathfont import MathFont
    from ziamath.zmath import loadedfonts

    path = next((path for path in _HANGUL_FONTS if path.exists()), None)
    korean = Font(str(path)) if path else None

    class KoreanMathFont(MathFont):
        """STIX Two Math; signs it lacks come from the Korean text font."""

        def findglyph(self, char: str, variant: Any) -> Any:
            if korean and not self.glyphindex(char) and korean.glyphindex(char):
                return _foreign(korean.glyph(char))
            return super().findglyph(char, variant)

    _lay_out_once()
    config.svg2 = False  # outlines in place, not as symbols: they are joined afterwards
    name = "stix-two-math-korean"
    font = KoreanMathFont(str(stix_font()), _SIZE)
    loadedfonts[name] = font
    sources = [font, korean] if korean else [font]
    return _MathFont(name, lambda sign: any(source.glyphindex(sign) for source in sources))


def _lay_out_once() -> None:
    """Let rows without stretching signs be laid out once.

    ziamath lays out every row twice, first for the height brackets must stretch to: half of the
    time of a formula that has none. Nodes register themselves by their tag.
    """
    from ziamath import operators
    from ziamath.nodes.mrow import Mrow

    stretching = {sign for (sign, _), told in operators.operators.items() if "stretchy" in told}

    class QuickRow(Mrow, tag="mrow"):
        """A row that looks for what stretches first."""

        def _get_height_nostretch(self, line: list[ET.Element], **told: Any) -> Any:
            for child in line:
                if any(stretches(element) for element in child.iter()):
                    return super()._get_height_nostretch(line, **told)
            return 0, 0

    def stretches(element: ET.Element) -> bool:
        if element.tag in _STRETCHED or "stretchy" in element.attrib:
            return True
        return "".join(element.itertext()).strip() in stretching


_STRETCHED = {"mfenced", "menclose"}


def _foreign(glyph: Any) -> Any:
    """Move a glyph's number out of the maths font's range.

    The substitutions of scripts and the kerning of the maths font go by number alone: 평균 in an
    index came out as two other signs.
    """
    stranger = copy(glyph)
    advance = glyph.advance()
    stranger.index = glyph.index + 0x10000
    stranger.advance = lambda nextchr=None: advance
    return stranger
