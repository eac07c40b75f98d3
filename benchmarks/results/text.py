"""Reading text: character errors of rendered questions, against plain Tesseract calls."""

from collections.abc import Iterator

from benchmarks.ocr_engines import READERS, Reading, readings
from benchmarks.results.row import Row, at_least, at_most

SMOKE_QUESTIONS, FULL_QUESTIONS = 4, 24
BARS = {"clean": 0.05, "scan": 0.07, "photo": 0.10}
CHAIN, PEERS = "chain in process", ("English, defaults", "kor+eng, one block")
COMMAND = "python -m benchmarks.ocr_engines 24"


def rows(full: bool) -> Iterator[Row]:
    """Let the chain and two plain calls read the same questions."""
    asked = {name: READERS[name] for name in (*PEERS, CHAIN)}
    found: dict[tuple[str, str], Reading] = {}
    for one in readings(FULL_QUESTIONS if full else SMOKE_QUESTIONS, asked):
        found[one.condition, one.reader] = one
    for condition, bar in BARS.items():
        chain = found[condition, CHAIN]
        peers = ", ".join(f"{name} {found[condition, name].errors:.3f}" for name in PEERS)
        yield at_most(f"{condition}: character errors", chain.errors, bar, peer=peers)
        yield at_most(f"{condition}: with blanks", chain.errors_with_blanks, 0.12)
        yield at_least(f"{condition}: circled choices right", chain.choices_right, 0.95)
        ratio = chain.seconds / found[condition, PEERS[0]].seconds
        yield at_most(
            f"{condition}: CPU s a question",
            chain.seconds,
            1.5,
            shown=".2f",
            peer=f"{ratio:.2f} times the English call",
            command=COMMAND,
        )
