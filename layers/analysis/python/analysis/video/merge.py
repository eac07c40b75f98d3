"""Runs that show the same page become one page, numbered in the order first shown.

Workers return runs, never page numbers: this alone decides what a page is, so any segmentation
of a video gives the same pages.
"""

from collections.abc import Sequence

from analysis.video.look import Look, same_page
from analysis.video.types import PageSpan, Run

_BRIEF = 2
"""Samples of a run that may be a leaf caught at its slowest."""

_BLURRED = 0.3
"""Share of its neighbours' sharpness below which a brief, lone run is no page."""


def merge(runs: Sequence[Run]) -> tuple[PageSpan, ...]:
    """Group runs by page; a page's best run is the one with the highest quality."""
    order = sorted(range(len(runs)), key=lambda i: (runs[i].start, runs[i].end))
    groups: list[list[int]] = []
    for i in order:
        group = _known(groups, runs, runs[i].look)
        if group is None:
            groups.append([i])
        else:
            group.append(i)
    kept = [group for group in groups if not _fleeting(group, runs, order)]
    return tuple(
        PageSpan(number, tuple(group), max(group, key=lambda i: _rank(runs[i])))
        for number, group in enumerate(kept, start=1)
    )


def visits(span: PageSpan, runs: Sequence[Run], spans: Sequence[PageSpan]) -> int:
    """How often a page was turned to: runs with another page between them count apart."""
    owner = {i: page.number for page in spans for i in page.runs}
    shown = sorted(owner, key=lambda i: runs[i].start)
    numbers = [owner[i] for i in shown]
    return sum(
        number == span.number and (place == 0 or numbers[place - 1] != number)
        for place, number in enumerate(numbers)
    )


def _known(groups: list[list[int]], runs: Sequence[Run], seen: Look) -> list[int] | None:
    """The page a look belongs to: the latest pages are tried first, each by its best and last."""
    for group in sorted(groups, key=lambda group: -runs[group[-1]].end):
        best = max(group, key=lambda i: _rank(runs[i]))
        tried = {best, group[-1], group[0]}
        if any(same_page(runs[i].look, seen) for i in sorted(tried)):
            return group
    return None


def _rank(run: Run) -> tuple[float, float, float]:
    """Quality first; a run of a few samples has little to choose from."""
    return (run.quality * min(1.0, 0.5 + run.samples / 10), run.sharpness, -run.start)


def _fleeting(group: list[int], runs: Sequence[Run], order: list[int]) -> bool:
    """Whether a lone run is a moment of a turn: brief, and blurred beside its neighbours."""
    if len(group) > 1 or runs[group[0]].samples > _BRIEF:
        return False
    place = order.index(group[0])
    beside = [runs[i] for i in order[max(0, place - 2) : place + 3] if i != group[0]]
    if not beside:
        return False
    usual = sorted(run.sharpness for run in beside)[len(beside) // 2]
    return runs[group[0]].sharpness < _BLURRED * usual
