"""How well the local backend tells Korean school texts apart, by cosine and by the problem score.

    PYTHONPATH=layers/jobs/python:layers/analysis/python:cli:. \\
        .venv/bin/python -m benchmarks.embedding_triplets --split held-out

`benchmarks/data/korean_triplets.tsv` holds a text, a text of the same skill or meaning, and one
that shares most words but asks something else. Its odd lines (`--split tuning`) and
`korean_training.tsv` (`--split training`) may be used to choose words and constants,
`korean_calibration.tsv` (`--split calibration`), written when most of the list of words stood,
to fit weights. Figures are quoted of the even lines (`--split held-out`), of
`korean_triplets_fresh.tsv` (`--split fresh`), and of `korean_triplets_last.tsv` (`--split last`),
written when all of it stood.
"""

import argparse
import resource
import time
from pathlib import Path

from analysis.embedding.evaluation import by_cosine_alone, compared, judged, triplets
from analysis.embedding.local import LocalBackend
from analysis.embedding.school_reading import SchoolReading

TRIPLETS = Path(__file__).parent / "data" / "korean_triplets.tsv"
FRESH = TRIPLETS.with_name("korean_triplets_fresh.tsv")
CALIBRATION = TRIPLETS.with_name("korean_calibration.tsv")
LAST = TRIPLETS.with_name("korean_triplets_last.tsv")
TRAINING = TRIPLETS.with_name("korean_training.tsv")
WHOLE_FILES = {"fresh": FRESH, "last": LAST, "calibration": CALIBRATION, "training": TRAINING}


def main() -> None:
    """Print quality, speed in CPU seconds, and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    splits = ("held-out", "tuning", *WHOLE_FILES)
    parser.add_argument("--split", choices=splits, default="held-out")
    split = parser.parse_args().split
    rows = triplets(WHOLE_FILES[split]) if split in WHOLE_FILES else triplets(TRIPLETS, split)
    started = time.process_time()
    model = LocalBackend()
    engine = SchoolReading(model)
    engine.encode(["가"])
    cold = time.process_time() - started
    data = compared(rows, engine)
    print(f"{len(rows)} triplets")
    for name, found in (
        ("bare model", by_cosine_alone(compared(rows, model))),
        ("cosine", by_cosine_alone(data)),
        ("re-ranked", judged(data)),
    ):
        print(
            f"{name:10} AUC {found.auc:.3f}  nearest of {found.crowd} {found.nearest:.3f}"
            f"  triplets {found.triplets:.3f}"
        )
    texts = [text for row in rows for text in row] * 5
    started = time.process_time()
    engine.encode(texts)
    spent = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"cold {cold:.2f} s CPU, {len(texts) / spent:.0f} texts/s of CPU, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
