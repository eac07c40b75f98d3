"""The writing score on blank and written pages, against edge density."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.handwriting_baseline import BAR, KINDS, compared
from benchmarks.results.row import Row, at_least, at_most

SMOKE_PAGES, FULL_PAGES, SEED = 6, 16, 771_002
DIGITS = Path("out/mnist/package")
"""Where `make models` puts written digits; with them, hands and faces are held out."""

COMMAND = (
    f"python -m benchmarks.handwriting_baseline --pages {FULL_PAGES} --seed {SEED} "
    f"--digits {DIGITS}"
)
BARS = {
    ("shape", 2): 0.90,
    ("shape", 5): 0.97,
    ("shape", 15): 0.995,
    ("template", 2): 0.97,
}


def rows(full: bool) -> Iterator[Row]:
    """Score pages of a seed that nothing was tuned on."""
    digits = DIGITS if DIGITS.is_dir() else None
    hands = "hands and faces held out" if digits else "procedural hands of new seeds"
    found = compared(FULL_PAGES if full else SMOKE_PAGES, SEED, digits)
    for kind in KINDS:
        yield at_most(
            f"{kind}: mean score of blank pages",
            found.blank(kind, "shape"),
            0.20,
            peer=f"edge density {found.blank(kind, 'edge density'):.2f}; {hands}",
        )
        for (method, marks), bar in BARS.items():
            plain = found.auc(kind, "edge density", marks)
            auc = found.auc(kind, method, marks)
            name = f"{kind}: AUC at {marks} marks, {method}"
            yield at_least(name, auc, bar, peer=f"edge density {plain:.2f}")
    moves = [value for values in found.moves.values() for value in values]
    within = sum(value <= BAR for value in moves) / len(moves)
    yield at_least("same page under shadow or resized: moved by at most 0.1, share", within, 1.0)
    for method in ("shape", "template"):
        yield at_most(f"CPU s a page, {method}", found.cpu(method), 0.4, shown=".2f")
    yield at_most("largest move", max(moves), BAR, command=COMMAND)
