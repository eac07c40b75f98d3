"""The choices of a question, told by their circled numbers."""

import re
from dataclasses import dataclass

_NUMBERS = "①②③④⑤⑥⑦⑧⑨"
_SIGN = re.compile(f"[{_NUMBERS}]")


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice: `number` 1-9, `text` without its circled number and with single blanks."""

    number: int
    text: str


def parse_choices(text: str) -> tuple[Choice, ...]:
    """Choices in the order of the text.

    A run begins at ① and goes on while the numbers rise by one (a sign that was not read may
    leave a gap of one); where a text has several runs, as on a page of many questions, the
    runs follow each other. A circled number that stands elsewhere ("③의 값") begins no choice.
    """
    signs = list(_SIGN.finditer(text))
    numbers = [_NUMBERS.index(sign.group()) + 1 for sign in signs]
    kept = [i for i, _ in enumerate(numbers) if _continues(numbers, i)]
    ends = [signs[i].start() for i in kept[1:]] + [len(text)]
    return tuple(
        Choice(numbers[i], " ".join(text[signs[i].end() : end].split()))
        for i, end in zip(kept, ends, strict=False)  # no sign, no choice, but one end
    )


def _continues(numbers: list[int], index: int) -> bool:
    """Whether a sign has the next or the previous number beside it, a gap of one allowed."""
    here = numbers[index]
    before = numbers[index - 1] if index else None
    after = numbers[index + 1] if index + 1 < len(numbers) else None
    return (before is not None and 0 < here - before <= 2) or (
        after is not None and 0 < after - here <= 2
    )
