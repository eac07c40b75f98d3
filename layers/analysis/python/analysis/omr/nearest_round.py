"""Which round outline lies nearest to a place, looked up in a picture drawn once.

A distance matrix of 230 bubbles and 900 outlines costs some milliseconds, and a sheet is laid on
its outlines a hundred times before it fits; a Voronoi picture answers each time at once.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.omr.bubble_finder import Rounds

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_CELL = 4
"""px of the picture a cell of the lookup; two rounds closer than that are one bubble's edges."""

LIKE_SIZE = (0.6, 1.55)
"""A bubble's radius in the picture over the expected one."""


@dataclass(frozen=True, slots=True, eq=False)
class NearestRound:
    """`cells` (h + 2, w + 2) int, index of the round nearest to each cell of a picture; the cells
    around it hold the last round, which lies nowhere."""

    rounds: Rounds
    cells: NDArray[Any]
    _centers: Floats
    _radii: Floats

    @classmethod
    def of(cls, rounds: Rounds, shape: tuple[int, ...]) -> "NearestRound":
        """Draw the lookup for rounds (at least one) in a picture of `shape`."""
        canvas = np.full((shape[0] // _CELL + 1, shape[1] // _CELL + 1), 255, np.uint8)
        column, row = (rounds.centers.T // _CELL).astype(int)
        canvas[row, column] = 0
        _, labels = cv2.distanceTransformWithLabels(
            canvas, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        index = np.zeros(int(labels.max()) + 1, np.intp)
        index[labels[row, column]] = np.arange(len(row))
        return cls(
            rounds,
            np.pad(index[labels], 1, constant_values=len(row)),
            np.vstack([rounds.centers, [np.inf, np.inf]]),
            np.append(rounds.radii, 0.0),
        )

    def at(self, places: Floats) -> tuple[Indices, Floats]:
        """Nearest round (n,) and its distance in px (n,) for places (n, 2); inf off the picture."""
        found, distance = self._at(places)
        return np.where(np.isfinite(distance), found, 0), distance

    def met(self, places: Floats, radii: Floats, gate: float) -> tuple[Indices, Indices]:
        """Places and rounds of like size within `gate` radii, one place a round at most."""
        found, distance = self._at(places)
        ratio = self._radii[found] / radii
        good = (distance < gate * radii) & (ratio > LIKE_SIZE[0]) & (ratio < LIKE_SIZE[1])
        bubbles = np.flatnonzero(good)
        nearest_last = bubbles[np.argsort(-distance[bubbles], kind="stable")]
        owner = np.empty(len(self._radii), np.intp)
        owner[found[nearest_last]] = nearest_last
        kept = bubbles[owner[found[bubbles]] == bubbles]
        return kept, found[kept]

    def _at(self, places: Floats) -> tuple[Indices, Floats]:
        height, width = self.cells.shape
        cells = places * (1 / _CELL) + 1.0
        column = np.fmin(np.fmax(cells[:, 0], 0.0), width - 1).astype(np.intp)
        row = np.fmin(np.fmax(cells[:, 1], 0.0), height - 1).astype(np.intp)
        found = self.cells[row, column]
        offset = self._centers[found] - places
        return found, np.hypot(offset[:, 0], offset[:, 1])
