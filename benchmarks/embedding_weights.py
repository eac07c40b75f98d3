"""Fit the weights of the problem score; prints them, and cross-validates.

    PYTHONPATH=layers/jobs/python:layers/analysis/python:cli:. \\
        .venv/bin/python -m benchmarks.embedding_weights

Uses `korean_calibration.tsv`, written when most of the list of words stood (words of its first 65
lines were added to it later): fitted on texts whose words the list was made to know, the weights
would trust it too much. Logistic loss of every wanted pair against the strangers of its row and
column, and against its adversarial text. No weight is below zero: likeness may not lower a score.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.embedding.evaluation import Compared, compared, judged, triplets
from analysis.embedding.local import LocalBackend
from analysis.embedding.school_reading import SchoolReading
from analysis.embedding.structure import WEIGHTS
from benchmarks.embedding_triplets import CALIBRATION

ADVERSARIAL, SHRINK, STEPS, RATE, FOLDS = 0.2, 0.03, 1500, 0.02, 4
Weights = NDArray[np.float64]


def fitted(data: Compared) -> Weights:
    """Weights of the least loss, by Adam from nothing."""
    margins, importance = _margins(data)
    weights = np.zeros(len(WEIGHTS))
    mean, spread = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        doubt = 1 / (1 + np.exp(np.clip(margins @ weights, -30, 30)))
        slope = -(importance * doubt) @ margins + SHRINK * weights / len(weights)
        mean, spread = 0.9 * mean + 0.1 * slope, 0.999 * spread + 0.001 * slope**2
        pace = (mean / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-9)
        weights = np.maximum(0.0, weights - RATE * pace)
    return weights


def _margins(data: Compared) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features of each right pair less those of each wrong one, and how much each counts."""
    size = len(data.alike)
    right = data.alike[np.arange(size), np.arange(size)]
    others = ~np.eye(size, dtype=bool)
    rows = (right[:, None] - data.alike)[others]
    columns = (right[None, :] - data.alike)[others]
    importance = np.concatenate(
        [np.full(len(rows) + len(columns), 0.5 / size), np.full(size, ADVERSARIAL)]
    )
    return np.concatenate([rows, columns, right - data.tricky]), importance / importance.sum()


def main() -> None:
    """Print the weights, and figures of folds that were left out of their own fit."""
    engine = SchoolReading(LocalBackend())
    data = compared(triplets(CALIBRATION), engine)
    for name, weight in zip(WEIGHTS, fitted(data), strict=True):
        print(f"    {name!r}: {weight:.2f},")
    fold = np.arange(len(data.alike)) % FOLDS
    for left_out in range(FOLDS):
        weights = fitted(data.part(fold != left_out))
        print(f"fold {left_out}", judged(data.part(fold == left_out), weights))


if __name__ == "__main__":
    main()
