"""Similar texts told apart, by cosine and by the problem score."""

import time
from collections.abc import Iterator

from analysis.embedding.evaluation import by_cosine_alone, compared, judged, triplets
from analysis.embedding.local import LocalBackend
from analysis.embedding.school_reading import SchoolReading
from benchmarks.embedding_triplets import FRESH, LAST, TRIPLETS
from benchmarks.results.row import Row, at_least, at_most

SETS = {"held out": (TRIPLETS, "held-out"), "fresh": (FRESH, "all"), "last": (LAST, "all")}
COMMAND = "python -m benchmarks.embedding_triplets --split held-out"


def rows(full: bool) -> Iterator[Row]:
    """Encode the triplets that constants were not chosen on; both sizes are the same."""
    started = time.process_time()
    engine = SchoolReading(LocalBackend())
    engine.encode(["가"])
    cold = time.process_time() - started
    for name, (file, split) in SETS.items():
        data = compared(triplets(file, split), engine)  # type: ignore[arg-type]
        plain, ranked = by_cosine_alone(data), judged(data)
        yield at_least(f"{name}: AUC, cosine", plain.auc, 0.97)
        yield at_least(f"{name}: nearest of {plain.crowd}, cosine", plain.nearest, 0.75)
        yield at_least(
            f"{name}: nearest of {plain.crowd}, problem score",
            ranked.nearest,
            0.85,
            peer=f"cosine {plain.nearest:.3f}",
        )
        yield at_least(
            f"{name}: adversarial triplets, problem score",
            ranked.triplets,
            0.6,
            peer=f"cosine {plain.triplets:.3f}",
            command=COMMAND,
        )
    texts = [text for row in triplets(TRIPLETS) for text in row]
    started = time.process_time()
    engine.encode(texts)
    pace = len(texts) / (time.process_time() - started)
    yield at_least("texts/s of CPU", pace, 500, shown=".0f")
    yield at_most("cold, CPU s", cold, 2, shown=".2f")
