"""Fit what the vectors of school texts have in common; writes `school_common.npy`.

    PYTHONPATH=layers/jobs/python:layers/analysis/python:cli:. \\
        .venv/bin/python -m benchmarks.embedding_common

Uses the tuning lines and `korean_training.tsv`, no others.
"""

import numpy as np

from analysis.embedding.evaluation import triplets
from analysis.embedding.local import LocalBackend
from analysis.embedding.school_reading import COMMON_FILE, common_of, readings
from benchmarks.embedding_triplets import TRAINING, TRIPLETS


def main() -> None:
    """Encode every tuning text, fit, write."""
    rows = triplets(TRIPLETS, "tuning") + triplets(TRAINING)
    texts = [text for row in rows for text in row]
    engine = LocalBackend()
    np.save(COMMON_FILE, [common_of(engine.encode(reading)) for reading in readings(texts)])
    print(f"{COMMON_FILE}: {len(texts)} texts")


if __name__ == "__main__":
    main()
