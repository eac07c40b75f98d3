"""How well a backend tells texts apart: triplets of a text, one alike, and a tricky other one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.embedding.backend import Backend
from analysis.embedding.structure import WEIGHTS, features, structure_of
from analysis.ranking import area_under_curve
from faults import Code, Permanent

CROWD = 40
"""Candidates among which the right one is to be the nearest."""

Split = Literal["all", "tuning", "held-out"]
_DRAWS, _SEED = 50, 7


@dataclass(frozen=True, slots=True)
class Compared:
    """Features of n texts against the n alike ones (n, n, 3), and of each with its tricky one."""

    alike: NDArray[np.float64]
    tricky: NDArray[np.float64]

    def part(self, chosen: NDArray[np.bool_]) -> "Compared":
        """The triplets where `chosen` (n,) is true, against each other."""
        return Compared(self.alike[np.ix_(chosen, chosen)], self.tricky[chosen])


@dataclass(frozen=True, slots=True)
class Quality:
    """`auc`: a pair above strangers; `nearest` of `crowd`; `triplets` in the right order; 0-1."""

    auc: float
    nearest: float
    crowd: int
    triplets: float


def triplets(file: Path, split: Split = "all") -> list[list[str]]:
    """Lines of text, alike, tricky parted by tabs; odd lines are for tuning, even ones held out.

    Raises `Permanent(payload_invalid)` for a line of another shape.
    """
    rows = [line.split("\t") for line in file.read_text("utf-8").splitlines() if line.strip()]
    for place, row in enumerate(rows, 1):
        if len(row) != 3 or not all(part.strip() for part in row):
            raise Permanent(Code.PAYLOAD_INVALID, f"line {place}: three texts parted by tabs")
    rows = rows if split == "all" else rows[0 if split == "tuning" else 1 :: 2]
    if len(rows) < 2:
        raise Permanent(Code.PAYLOAD_INVALID, "two triplets at the least are needed")
    return rows


def compared(rows: list[list[str]], engine: Backend) -> Compared:
    """Encode the triplets and compare them."""
    columns = [[row[column] for row in rows] for column in range(3)]
    parts = [[structure_of(text) for text in texts] for texts in columns]
    whole = [engine.encode(texts) for texts in columns]
    gists = [engine.encode([part.gist for part in column]) for column in parts]
    size = range(len(rows))

    def of(i: int, j: int, column: int) -> NDArray[np.float64]:
        cosines = whole[0][i] @ whole[column][j], gists[0][i] @ gists[column][j]
        return features(parts[0][i], parts[column][j], float(cosines[0]), float(cosines[1]))

    return Compared(
        np.array([[of(i, j, 1) for j in size] for i in size]),
        np.array([of(i, i, 2) for i in size]),
    )


def judged(data: Compared, weights: NDArray[np.float64] | None = None) -> Quality:
    """Quality of a weighted sum of the features; of the deployed weights where none are given."""
    weights = np.array(list(WEIGHTS.values())) if weights is None else weights
    alike, tricky = data.alike @ weights, data.tricky @ weights
    strangers = alike[~np.eye(len(alike), dtype=bool)]
    return Quality(
        auc=area_under_curve(strangers.tolist(), np.diag(alike).tolist()),
        nearest=_nearest(alike),
        crowd=min(CROWD, len(alike)),
        triplets=float((np.diag(alike) > tricky).mean()),
    )


def by_cosine_alone(data: Compared) -> Quality:
    """What the vectors themselves reach."""
    return judged(data, np.array([float(name == "cosine") for name in WEIGHTS]))


def _nearest(alike: NDArray[np.float64]) -> float:
    rng, size = np.random.default_rng(_SEED), len(alike)
    hits = total = 0
    for _ in range(_DRAWS):
        crowd = rng.choice(size, min(CROWD, size), replace=False)
        hits += int((alike[np.ix_(crowd, crowd)].argmax(axis=1) == np.arange(len(crowd))).sum())
        total += len(crowd)
    return hits / total
