"""Question boxes on rendered pages, against connected components."""

from collections.abc import Iterator

from benchmarks.results.row import Row, at_least, at_most
from benchmarks.segmentation_baseline import KINDS_OF_PAGE, PAPERS, compared

SMOKE_PAGES, FULL_PAGES, SEED = 3, 16, 771_001
PLAIN, OURS = "connected components", "built-in"
COMMAND = f"python -m benchmarks.segmentation_baseline --pages {FULL_PAGES} --seed {SEED}"
BARS = {"clean": (0.97, 0.92), "scan": (0.97, 0.92), "photo": (0.90, None)}
"""F1 at IoU 0.5 and at 0.75."""


def rows(full: bool) -> Iterator[Row]:
    """Segment pages of a seed that nothing was tuned on."""
    pages = FULL_PAGES if full else SMOKE_PAGES
    found = compared(pages, SEED)
    for paper in PAPERS:
        for kind in KINDS_OF_PAGE:
            name = f"{paper} {kind}"
            ours, plain = found.tallies[name, OURS], found.tallies[name, PLAIN]
            loose, tight = BARS[kind]
            yield at_least(f"{name}: F1", ours.f1(), loose, peer=f"{PLAIN} {plain.f1():.3f}")
            if tight is not None:
                yield at_least(f"{name}: F1 at IoU 0.75", ours.f1(tight=True), tight)
            yield at_least(f"{name}: numbers right", ours.number_accuracy, 0.98)
    runs = pages * len(PAPERS) * len(KINDS_OF_PAGE)
    ratio = found.seconds[OURS] / found.seconds[PLAIN]
    yield at_most(
        "CPU s a page",
        found.seconds[OURS] / runs,
        0.5,
        shown=".2f",
        peer=f"{ratio:.0f} times connected components",
        command=COMMAND,
    )
