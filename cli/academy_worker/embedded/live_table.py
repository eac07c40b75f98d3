"""Jobs as a table that moves: state, time, and a bar of how many have ended."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from academy_worker.embedded.result_words import in_words
from academy_worker.embedded.watch import Seen

_STYLES = {
    "sent": "dim",
    "queued": "cyan",
    "running": "yellow",
    "telling": "blue",
}


@contextmanager
def live_table(console: Console) -> Iterator[Callable[[list[Seen]], None]]:
    """Show jobs as they move; yields the function to show them by.

    Where the console is no terminal, each change of state is a line instead.
    """
    if not console.is_terminal:
        yield _Lines(console).show
        return
    bar = Progress(
        TextColumn("ended"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
    task = bar.add_task("ended", total=None)
    with Live(console=console, refresh_per_second=8) as live:

        def show(seen: list[Seen]) -> None:
            bar.update(task, total=len(seen), completed=sum(one.settled for one in seen))
            live.update(Group(table(seen, time.time()), bar))

        yield show


def table(seen: Sequence[Seen], now: float) -> Table:
    """Draw the jobs as they stand at `now` (epoch seconds)."""
    drawn = Table(expand=True, pad_edge=False)
    drawn.add_column("job", ratio=3)
    drawn.add_column("tier", no_wrap=True)
    drawn.add_column("state", no_wrap=True)
    drawn.add_column("s", justify="right", no_wrap=True)
    drawn.add_column("outcome", ratio=4, no_wrap=True, overflow="ellipsis")
    for one in seen:
        copies = f" (sent {one.job.copies}×)" if one.job.copies > 1 else ""
        drawn.add_row(
            Text(one.job.title + copies),
            one.job.tier,
            _state(one),
            "–" if one.quarantined else f"{elapsed(one, now):.1f}",
            Text(in_words(one).en),
        )
    return drawn


def elapsed(one: Seen, now: float) -> float:
    """Seconds from the message to the API, or until now."""
    return max(0.0, (one.ended_at or now) - one.sent_at)


def _state(one: Seen) -> Text:
    """Word the state; a tick where it is the expected end, for some jobs are meant to fail."""
    if not one.settled:
        return Text(one.state, style=_STYLES[one.state])
    good = not one.problems()
    return Text(f"{one.state} {'✓' if good else '✗'}", style="green" if good else "red")


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._states: dict[str, str] = {}

    def show(self, seen: list[Seen]) -> None:
        for one in seen:
            if self._states.get(one.job.job_id) != one.state:
                self._states[one.job.job_id] = one.state
                words = in_words(one).en
                self._console.print(
                    Text(f"{one.state:<12}{one.job.title}" + (f": {words}" if words else ""))
                )
