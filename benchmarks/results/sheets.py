"""Answer sheets: every condition of the generator against its bar."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import cv2

from academy_worker.omr_evaluation import BANDS, Tally
from benchmarks.omr_reader import EASY_PHOTOS, TOGETHER, count_drawn
from benchmarks.results.row import Row, at_least, at_most

FIRST_SEED = 140_000
SMOKE_SHEETS, FULL_SHEETS = 5, 80
COMMAND = "python -m benchmarks.omr_reader --nightly"


@dataclass(frozen=True, slots=True)
class Bar:
    """Percent of questions right, silently wrong, flagged; of sheets exact, rejected; sheets/s."""

    right: float
    silent: float
    flagged: float
    exact: float | None
    rejected: float
    pace: float


BARS = {
    "scan_200": Bar(99.7, 0.01, 4, 95, 0, 20),
    "scan_100": Bar(99.5, 0.02, 5, 93, 0, 25),
    "scan_1bit": Bar(98.5, 0.02, 8, 80, 1, 20),
    EASY_PHOTOS: Bar(99.6, 0.02, 4, 93, 0, 10),
    "photo_messenger": Bar(99.2, 0.05, 6, 88, 0.5, 20),
    "photo_hard": Bar(97, 0.1, 12, 75, 3, 6),
    "marks": Bar(93, 0.05, 40, None, 0, 20),
}


def rows(full: bool) -> Iterator[Row]:
    """Read sheets of seeds that nothing was tuned on."""
    cv2.setNumThreads(1)
    tallies: dict[str, Tally] = defaultdict(Tally)
    for condition in (*TOGETHER, *(name for name in BARS if name != EASY_PHOTOS)):
        for place in range(FULL_SHEETS if full else SMOKE_SHEETS):
            count_drawn(tallies, condition, FIRST_SEED + place)
    for condition, bar in BARS.items():
        yield from _of_condition(condition, tallies[condition], bar)
    yield from _of_all(tallies["all"])


def _of_condition(name: str, tally: Tally, bar: Bar) -> Iterator[Row]:
    def share(count: int, of: int) -> float:
        return 100 * count / max(1, of)

    asked = f"{name}: questions"
    yield at_least(f"{asked} right %", share(tally.right, tally.questions), bar.right, shown=".2f")
    yield at_most(f"{asked} silently wrong %", share(tally.silent, tally.questions), bar.silent)
    yield at_most(
        f"{asked} flagged %", share(tally.flagged, tally.questions), bar.flagged, shown=".1f"
    )
    if bar.exact is not None:
        exact = share(tally.exact, tally.sheets)
        yield at_least(f"{name}: sheets exact %", exact, bar.exact, shown=".0f")
    rejected = share(tally.rejected, tally.sheets)
    yield at_most(f"{name}: sheets rejected %", rejected, bar.rejected, shown=".1f")
    pace = tally.sheets / max(1e-9, tally.seconds)
    yield at_least(f"{name}: sheets/s of CPU", pace, bar.pace, shown=".1f", command=COMMAND)


def _of_all(tally: Tally) -> Iterator[Row]:
    claim = f"of {tally.questions:,} questions; 95 % bound {100 * tally.bound():.3f} %"
    yield at_most("all: silent errors", tally.silent, 0, shown="d", peer=claim, command=COMMAND)
    yield at_most("all: identifiers silently wrong", tally.identifier_silent, 0, shown="d")
    sure = next(place for place, low in enumerate(BANDS) if low >= 0.9)
    answers, wrong = sum(tally.answers[sure:]), sum(tally.wrong[sure:])
    share = 100 * wrong / max(1, answers)
    yield at_most("all: wrong % of answers with confidence ≥ 0.9", share, 0.05, command=COMMAND)
