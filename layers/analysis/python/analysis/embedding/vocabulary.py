"""Words of one meaning in school questions, found in a text and brought to one word.

`school_words.txt` lists them. No morphological analyser: a long word is found anywhere, a word of
two syllables at the beginning of a word, a word of one syllable by itself or before a particle.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_WORDS = Path(__file__).with_name("school_words.txt")
_PARTICLES = "은|는|이|가|을|를|의|에|에서|와|과|도|로|으로|만|인|이다|까지|부터"
_WORD_END = re.compile(rf"(?:{_PARTICLES})?(?![가-힣])")
_BEFORE = re.compile("[가-힣A-Za-z]")
_TERM = re.compile(r"(?:[A-Za-z0-9^)]|[+\-/·]\s?)$")
_SHORT = re.compile("[가-힣]{1,2}")


def concepts(text: str) -> list[str]:
    """Groups named in a text, in order; the longest word that fits a place wins."""
    return [group for _, _, group in _found(text)]


def canonical(text: str) -> str:
    """The text with every word known replaced by the name of its group."""
    parts, done = [], 0
    for start, end, group in _found(text):
        parts += [text[done:start], group]
        done = end
    return "".join(parts) + text[done:]


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    groups, sizes = _vocabulary()
    place = 0
    while place < len(text):
        end = next(
            (
                place + size
                for size in sizes.get(text[place], ())
                if text[place : place + size] in groups and _fits(text, place, place + size)
            ),
            None,
        )
        if end is None:
            place += 1
        else:
            yield place, end, groups[text[place:end]]
            place = end


def _fits(text: str, start: int, end: int) -> bool:
    """Short words hide inside longer ones, and names of unknowns inside terms."""
    if text[start].isascii() and _TERM.search(text, max(0, start - 2), start):
        return False
    if not _SHORT.fullmatch(text, start, end):
        return True
    if start and _BEFORE.match(text, start - 1):
        return False
    return end - start == 2 or _WORD_END.match(text, end) is not None


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[dict[str, str], dict[str, list[int]]]:
    """Group by word, and by first letter the lengths of words, longest first."""
    groups: dict[str, str] = {}
    for line in _WORDS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            words = line.split("|")
            groups |= {word: words[0] for word in words if word not in groups}
    sizes: dict[str, set[int]] = {}
    for word in groups:
        sizes.setdefault(word[0], set()).add(len(word))
    return groups, {first: sorted(found, reverse=True) for first, found in sizes.items()}
