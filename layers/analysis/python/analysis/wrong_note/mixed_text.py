"""Text and LaTeX apart: `$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]` in a running text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FORMULA = re.compile(
    r"""
      \$\$ (?P<block> [^$]+ ) \$\$
    | \\\[ (?P<bracket> .+? ) \\\]
    | \\\( (?P<paren> .+? ) \\\)
    | (?<!\\) \$ (?P<dollar> (?! \s ) (?: \\. | [^$\\] )+? ) (?<! \s ) \$ (?! \d )
    """,
    re.VERBOSE | re.DOTALL,
)
"""A `$` that a blank follows or a closing one that a digit follows is money, as in Pandoc."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text, or the LaTeX of one formula without its marks."""

    text: str
    formula: bool = False
    block: bool = False


def parts(text: str) -> Iterator[Part]:
    """Split a text into its stretches and formulas, in order; line breaks stay in the text."""
    clean = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    end = 0
    for found in _FORMULA.finditer(clean):
        if found.start() > end:
            yield _plain(clean[end : found.start()])
        block = found["block"] or found["bracket"]
        latex = block or found["paren"] or found["dollar"]
        yield Part(latex.strip(), formula=True, block=block is not None)
        end = found.end()
    if end < len(clean):
        yield _plain(clean[end:])


def _plain(text: str) -> Part:
    return Part(text.replace(r"\$", "$"))
