"""Runs that show the same page become one page, numbered in the order first shown.

Workers return runs, never page numbers: this alone decides what a page is, so any segmentation
of a video gives the same pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.video.look import Kin, kin
from analysis.video.types import PageSpan, Run

_BRIEF = 2
"""Samples of a run that may be a leaf caught at its slowest."""

_UNTURNED = 0.45
"""s between two runs in which a page is hardly turned: they probably show the same."""

_BLURRED = 0.3
"""Share of its neighbours' sharpness below which a brief, lone run is no page."""


@dataclass(slots=True)
class _Group:
    """Runs of one page in order; from place `complete` on they show all that was written on it."""

    runs: list[int]
    complete: int = 0

    def best(self, runs: Sequence[Run]) -> int:
        """The run whose picture stands for the page."""
        return max(self.runs[self.complete :], key=lambda i: _rank(runs[i]))


def merge(runs: Sequence[Run]) -> tuple[PageSpan, ...]:
    """Group runs by page; a page's best run is the one with the highest quality of those that show
    all that was written on it."""
    order = sorted(range(len(runs)), key=lambda i: (runs[i].start, runs[i].end))
    groups: list[_Group] = []
    for i in order:
        latest_first = sorted(groups, key=lambda group: -runs[group.runs[-1]].end)
        if not any(_taken(group, runs, i) for group in latest_first):
            groups.append(_Group([i]))
    kept = [group for group in groups if not _fleeting(group.runs, runs, order)]
    return tuple(
        PageSpan(number, tuple(group.runs), group.best(runs))
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


def _taken(group: _Group, runs: Sequence[Run], new: int) -> bool:
    """Add a run to a page's group if it shows that page: the first picture it is kin to decides."""
    best = group.best(runs)
    for i in dict.fromkeys((best, group.runs[-1], group.runs[0])):
        unturned = 0 <= runs[new].start - runs[i].end < _UNTURNED
        found = kin(runs[i].look, runs[new].look, likely=unturned)
        if found is None:
            continue
        if found is Kin.COPY:
            return False
        if found is Kin.WRITTEN_ON and i == best:
            group.complete = len(group.runs)
        group.runs.append(new)
        return True
    return False


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
