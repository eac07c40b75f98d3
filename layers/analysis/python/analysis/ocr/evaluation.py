"""How wrong a reading is: character error rates and choices, against a truth."""

import re
import unicodedata

import numpy as np

from analysis.ocr.choices import parse_choices

_SAME = str.maketrans({"～": "~", "∼": "~", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-"})


def edit_distance(one: str, two: str) -> int:
    """Levenshtein distance in characters."""
    codes = np.array([ord(sign) for sign in two], np.int64)
    steps = np.arange(len(two) + 1)
    row = steps.copy()
    for index, sign in enumerate(one, 1):
        best = np.empty_like(row)
        best[0] = index
        best[1:] = np.minimum(row[1:] + 1, row[:-1] + (codes != ord(sign)))
        # a run of insertions: each cell is the least of those to its left, plus their distance
        row = np.minimum.accumulate(best - steps) + steps
    return int(row[-1])


def errors(truth: str, read: str, *, spaces: bool = False) -> tuple[int, int]:
    """Wrong characters and all characters of the truth; runs of white count as one or not at all.

    Typographic twins (～ and ~, curly and straight quotes) count as equal.
    """
    blank = " " if spaces else ""
    texts = [
        re.sub(r"\s+", blank, unicodedata.normalize("NFC", text).translate(_SAME)).strip()
        for text in (truth, read)
    ]
    return edit_distance(texts[0], texts[1]), len(texts[0])


def choice_errors(truth: str, read: str) -> tuple[int, int]:
    """Circled numbers of the truth's choices that the reading lacks or has too many, and all."""
    wanted = [choice.number for choice in parse_choices(truth)]
    found = [choice.number for choice in parse_choices(read)]
    missing = sum(number not in found for number in wanted)
    extra = sum(number not in wanted for number in found)
    return missing + extra, len(wanted)
