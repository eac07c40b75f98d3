"""How well the local backend tells Korean school texts apart, by cosine and by the problem score.

    PYTHONPATH=layers/jobs/python:layers/analysis/python:cli:. \\
        .venv/bin/python -m benchmarks.embedding_triplets --split held-out

`benchmarks/data/korean_triplets.tsv` holds a text, a text of the same skill or meaning, and one
that shares most words but asks something else. Odd lines may be used to choose constants
(`--split tuning`); figures are quoted of the even lines and of `korean_triplets_fresh.tsv`
(`--split fresh`).
"""

import argparse
import resource
import time
from pathlib import Path

from analysis.embedding.evaluation import by_cosine_alone, compared, judged, triplets
from analysis.embedding.local import LocalBackend

TRIPLETS = Path(__file__).parent / "data" / "korean_triplets.tsv"
FRESH = TRIPLETS.with_name("korean_triplets_fresh.tsv")


def main() -> None:
    """Print quality, speed in CPU seconds, and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("held-out", "tuning", "fresh"), default="held-out")
    split = parser.parse_args().split
    rows = triplets(FRESH) if split == "fresh" else triplets(TRIPLETS, split)
    started = time.process_time()
    engine = LocalBackend()
    engine.encode(["가"])
    cold = time.process_time() - started
    data = compared(rows, engine)
    print(f"{len(rows)} triplets")
    for name, found in (("cosine", by_cosine_alone(data)), ("re-ranked", judged(data))):
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
