"""How well the local backend tells Korean school texts apart, with and without the re-rank.

    PYTHONPATH=layers/jobs/python:layers/analysis/python:cli:. \\
        .venv/bin/python -m benchmarks.embedding_triplets --split held-out

`benchmarks/data/korean_triplets.tsv` holds a text, a text of the same skill or meaning, and one
that shares most words but asks something else. Odd lines may be used to choose constants
(`--split tuning`); figures are quoted of the even lines alone.
"""

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.embedding.backend import Vectors
from analysis.embedding.local import LocalBackend
from analysis.embedding.structure import reranked, structure_of
from analysis.ranking import area_under_curve

TRIPLETS = Path(__file__).parent / "data" / "korean_triplets.tsv"
CROWD, DRAWS, SEED = 40, 50, 7
Scores = NDArray[np.float64]
Score = Callable[[float, str, str], float]


def triplets(split: str) -> list[list[str]]:
    """Lines of a split, each as text, same, other."""
    lines = [line.split("\t") for line in TRIPLETS.read_text("utf-8").splitlines()]
    return lines[0 if split == "tuning" else 1 :: 2]


def scored(ones: list[str], others: list[str], cosines: Vectors, score: Score) -> Scores:
    """Score every pair of the two lists: (len(ones), len(others))."""
    return np.array(
        [
            [score(float(cosines[i, j]), a, b) for j, b in enumerate(others)]
            for i, a in enumerate(ones)
        ]
    )


def quality(rows: list[list[str]], engine: LocalBackend, score: Score) -> dict[str, float]:
    """AUC of pairs against strangers, nearest of 40, share of triplets in the right order."""
    text, same, other = ([row[column] for row in rows] for column in range(3))
    vectors = engine.encode(text)
    alike = scored(text, same, vectors @ engine.encode(same).T, score)
    tricky = np.diag(scored(text, other, vectors @ engine.encode(other).T, score))
    strangers = alike[~np.eye(len(rows), dtype=bool)]
    return {
        "AUC": area_under_curve(strangers.tolist(), np.diag(alike).tolist()),
        f"nearest of {CROWD}": _nearest(alike),
        "triplets": float((np.diag(alike) > tricky).mean()),
    }


def _nearest(alike: Scores) -> float:
    rng, size = np.random.default_rng(SEED), len(alike)
    hits = 0
    for _ in range(DRAWS):
        crowd = rng.choice(size, min(CROWD, size), replace=False)
        hits += int((alike[np.ix_(crowd, crowd)].argmax(axis=1) == np.arange(len(crowd))).sum())
    return hits / (DRAWS * min(CROWD, size))


def main() -> None:
    """Print quality, speed in CPU seconds, and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("held-out", "tuning"), default="held-out")
    rows = triplets(parser.parse_args().split)
    started = time.process_time()
    engine = LocalBackend()
    engine.encode(["가"])
    cold = time.process_time() - started
    scores: dict[str, Score] = {
        "cosine": lambda cosine, one, other: cosine,
        "re-ranked": lambda cosine, one, other: reranked(
            max(0.0, cosine), structure_of(one), structure_of(other)
        ),
    }
    print(f"{len(rows)} triplets")
    for name, score in scores.items():
        found = quality(rows, engine, score)
        print(f"{name:10}", "  ".join(f"{key} {value:.3f}" for key, value in found.items()))
    texts = [text for row in rows for text in row] * 5
    started = time.process_time()
    engine.encode(texts)
    spent = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"cold {cold:.2f} s CPU, {len(texts) / spent:.0f} texts/s of CPU, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
