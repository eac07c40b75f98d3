"""Formulas that are one line of signs, as text: a page sets them twenty times as fast as drawings.

Letters, numbers, operators and simple indices; whatever else LaTeX can say is left to `formula`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Script = Literal["", "sup", "sub"]

_ATOM = re.compile(
    r"\\(?:mathrm|text)\s*\{[^{}\\$^_]*\}|\\[A-Za-z]+|\\[,;:! ]"
    r"|[A-Za-z]|[0-9]+(?:\.[0-9]+)?|[-+=<>/(),\[\]|:!'{}^_]|\s+"
)

_SPACE = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"

_RELATIONS = {
    "=": "=", "<": "<", ">": ">", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠",
    "neq": "≠", "lt": "<", "gt": ">", "approx": "≈", "equiv": "≡", "sim": "∼", "in": "∈",
    "subset": "⊂", "perp": "⊥", "parallel": "∥", "to": "→", "rightarrow": "→",
    "Rightarrow": "⇒",
}  # fmt: skip
_BINARY = {
    "+": "+", "-": _MINUS, "times": "×", "div": "÷", "cdot": "⋅", "pm": "±", "mp": "∓",
    "cap": "∩", "cup": "∪",
}  # fmt: skip
_SIGNS = {
    "(": "(", ")": ")", "[": "[", "]": "]", "/": "/", "|": "|", ":": ":", "!": "!", "'": "′",
    ",": "," + _SPACE, "infty": "∞", "angle": "∠", "triangle": "△", "therefore": "∴",
    "because": "∵", "ldots": "…", "cdots": "⋯", "degree": "°", "circ": "∘", "prime": "′",
    "quad": "\N{EM SPACE}", "Delta": "Δ", "Sigma": "Σ", "Omega": "Ω", "Pi": "Π", "emptyset": "∅",
}  # fmt: skip
_GREEK = dict(
    zip(
        ["alpha", "beta", "gamma", "delta", "theta", "lambda", "mu", "pi", "rho", "sigma", "omega"],
        "𝛼𝛽𝛾𝛿𝜃𝜆𝜇𝜋𝜌𝜎𝜔",
        strict=True,
    )
)
_FUNCTIONS = frozenset({"sin", "cos", "tan", "log", "ln"})
_OPENING = frozenset("([|")


@dataclass(frozen=True, slots=True)
class Run:
    """Signs of one height: on the line, raised or lowered."""

    text: str
    script: Script = ""


class _Elaborate(Exception):
    """The formula needs drawing."""


def plain(latex: str) -> tuple[Run, ...] | None:
    """Set a formula as runs of text in a maths font; None if it needs drawing."""
    try:
        return tuple(_runs(_atoms(latex))) or None
    except _Elaborate:
        return None


def _atoms(latex: str) -> list[str]:
    atoms, end = [], 0
    while end < len(latex):
        found = _ATOM.match(latex, end)
        if found is None:
            raise _Elaborate
        end = found.end()
        if not found[0].isspace() and found[0] not in (r"\left", r"\right"):
            atoms.append(found[0])
    return atoms


def _runs(atoms: list[str]) -> Iterator[Run]:
    line: list[str] = []
    place, scripted = 0, False
    while place < len(atoms):
        if atoms[place] not in "^_":
            line.append(atoms[place])
            place, scripted = place + 1, False
            continue
        inner, after = _argument(atoms, place + 1)
        if scripted or not line or line[-1].removeprefix("\\") in _FUNCTIONS:
            raise _Elaborate  # one above the other, before the letter, or of a function
        if atoms[place] == "^" and inner == [r"\circ"]:
            line.append(r"\degree")
        else:
            yield Run(_line(line, after < len(atoms)))
            yield Run(_script(inner), "sup" if atoms[place] == "^" else "sub")
            line, scripted = [_JOIN], True
        place = after
    if line and line != [_JOIN]:
        yield Run(_line(line, more=False))


_JOIN = ""
"""Stands for what came before a script: an operator after it is no sign of a number."""


def _argument(atoms: list[str], place: int) -> tuple[list[str], int]:
    """The atoms of a script, one or those in braces, and where it ends."""
    if place >= len(atoms) or atoms[place] in "^_}":
        raise _Elaborate
    if atoms[place] != "{":
        return [atoms[place]], place + 1
    try:
        end = atoms.index("}", place)
    except ValueError:
        raise _Elaborate from None
    inner = atoms[place + 1 : end]
    if not inner or set(inner) & {"{", "^", "_"}:
        raise _Elaborate
    return inner, end + 1


def _script(atoms: list[str]) -> str:
    return _line(atoms, more=False).replace(_SPACE, "")


def _line(atoms: list[str], more: bool) -> str:
    """Set atoms of one height; `more` tells that something follows."""
    text = ""
    for place, atom in enumerate(atoms):
        name = atom.removeprefix("\\")
        before = atoms[place - 1] if place else None
        last = place == len(atoms) - 1 and not more
        if name in _RELATIONS:
            text += _spaced(_RELATIONS[name], before is not None, not last)
        elif name in _BINARY:
            between = before is not None and not _expects_sign(before)
            text += _spaced(_BINARY[name], between, between and not last)
        else:
            text += _sign(atom, name, last)
    return text.replace(2 * _SPACE, _SPACE)


def _spaced(sign: str, before: bool, after: bool) -> str:
    return (_SPACE if before else "") + sign + (_SPACE if after else "")


def _expects_sign(before: str) -> bool:
    name = before.removeprefix("\\")
    return name in _RELATIONS or name in _BINARY or name in _OPENING or name == ","


def _sign(atom: str, name: str, last: bool) -> str:
    if atom == _JOIN:
        return ""
    if len(atom) == 1 and atom.isascii() and atom.isalpha():
        return _italic(atom)
    if atom[0].isdigit():
        return atom
    if atom in (r"\,", r"\;", r"\:", r"\ "):
        return _SPACE
    if atom == r"\!":
        return ""
    if atom.startswith((r"\mathrm", r"\text")) and atom.endswith("}"):
        return atom[atom.index("{") + 1 : -1].replace(" ", _SPACE)
    if name in _GREEK:
        return _GREEK[name]
    if name in _FUNCTIONS and atom != name:
        return name + ("" if last else _SPACE)
    if name in _SIGNS and (atom != name or len(atom) == 1):
        return _SIGNS[name]
    raise _Elaborate


def _italic(letter: str) -> str:
    """The mathematical italic letter; Unicode keeps that of h among the physical constants."""
    if letter == "h":
        return "ℎ"
    base, first = (0x1D44E, "a") if letter.islower() else (0x1D434, "A")
    return chr(base + ord(letter) - ord(first))
