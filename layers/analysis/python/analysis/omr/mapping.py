"""From mm on the sheet to px in the picture: a homography, and a smooth field for curled paper."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RIDGE = 0.02
"""Weight that keeps the field flat where few bubbles hold it."""


@dataclass(frozen=True, slots=True, eq=False)
class SheetMap:
    """`homography` (3, 3) mm to px; `field` (10, 2) px by cubic terms, None for flat paper."""

    homography: Floats
    size: tuple[float, float]
    field: Floats | None = None

    def __call__(self, points: Floats) -> Floats:
        """Map points (n, 2) in mm to px."""
        flat = project(self.homography, points)
        return flat if self.field is None else flat + _terms(points, self.size) @ self.field

    def bent(self, points: Floats, residuals: Floats) -> "SheetMap":
        """Add a cubic field that takes up residuals (n, 2) px seen at points (n, 2) mm."""
        terms = _terms(points, self.size)
        weight = _RIDGE * len(points) * np.eye(terms.shape[1])
        weight[0, 0] = 1e-9
        field = np.asarray(
            np.linalg.solve(terms.T @ terms + weight, terms.T @ residuals), np.float64
        )
        if self.field is not None:
            field += self.field
        return SheetMap(self.homography, self.size, field)

    def pixels_per_mm(self) -> float:
        """Scale at the middle of the sheet."""
        middle = np.array(self.size) / 2
        corners = self(np.array([middle, middle + [1, 0], middle + [0, 1]]))
        return float(np.sqrt(abs(np.linalg.det(corners[1:] - corners[0]))))


def project(homography: Floats, points: Floats) -> Floats:
    """Apply a homography (3, 3) to points (n, 2)."""
    lifted = points @ homography[:, :2].T + homography[:, 2]
    return lifted[:, :2] / lifted[:, 2:]


def _terms(points: Floats, size: tuple[float, float]) -> Floats:
    x, y = (2 * points / np.array(size) - 1).T
    return np.stack(
        [np.ones_like(x), x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3], axis=1
    )
