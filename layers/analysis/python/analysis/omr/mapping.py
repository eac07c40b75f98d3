"""From mm on the sheet to px in the picture: a homography, and a smooth field for curled paper."""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RIDGE = 0.002
"""Weight, times the square of a term's order, that keeps the field flat where few bubbles hold
it."""


@dataclass(frozen=True, slots=True, eq=False)
class SheetMap:
    """`homography` (3, 3) mm to px; `field` (terms, 2) px, None for flat paper.

    The field is a sum of Legendre polynomials in x and y up to `degree`; degree 3 bends as a
    held sheet does, degree 7 follows a wave of more than one period across the page.
    """

    homography: Floats
    size: tuple[float, float]
    field: Floats | None = None
    degree: int = 0

    def __call__(self, points: Floats) -> Floats:
        """Map points (n, 2) in mm to px."""
        flat = project(self.homography, points)
        if self.field is None:
            return flat
        return np.asarray(flat + _terms(points, self.size, self.degree) @ self.field)

    def inverse(self, places: Floats) -> Floats:
        """Map places (n, 2) px to mm; exact to a hundredth of a mm where the field is gentle."""
        back = np.asarray(np.linalg.inv(self.homography), np.float64)
        points = project(back, places)
        if self.field is None:
            return points
        for _ in range(3):
            points = project(back, places - _terms(points, self.size, self.degree) @ self.field)
        return points

    def fitted(
        self, points: Floats, which: NDArray[np.intp], places: Floats, degree: int
    ) -> "SheetMap":
        """The same homography with the field that takes `which` (m,) of points (n, 2) mm to
        places (m, 2) px."""
        terms = _terms(points, self.size, degree)[which]
        weight = np.diag(_RIDGE * len(which) * _stiffness(degree) + 1e-9)
        missing = places - project(self.homography, points[which])
        field = np.linalg.solve(terms.T @ terms + weight, terms.T @ missing)
        return SheetMap(self.homography, self.size, np.asarray(field, np.float64), degree)

    def scale_at(self, points: Floats) -> Floats:
        """px a mm (n,) at points (n, 2) of the flat sheet; curl changes it by a few percent."""
        depth = points @ self.homography[2, :2] + self.homography[2, 2]
        return np.asarray(np.sqrt(abs(np.linalg.det(self.homography)) / np.abs(depth) ** 3))

    def pixels_per_mm(self) -> float:
        """Scale at the middle of the sheet."""
        middle = np.array(self.size) / 2
        corners = self(np.array([middle, middle + [1, 0], middle + [0, 1]]))
        return float(np.sqrt(abs(np.linalg.det(corners[1:] - corners[0]))))


def project(homography: Floats, points: Floats) -> Floats:
    """Apply a homography (3, 3) to points (n, 2)."""
    lifted = points @ homography[:, :2].T + homography[:, 2]
    return lifted[:, :2] / lifted[:, 2:]


@cache
def _orders(degree: int) -> NDArray[np.intp]:
    return np.array([(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)])


@cache
def _stiffness(degree: int) -> Floats:
    return np.asarray(_orders(degree).sum(axis=1).astype(np.float64) ** 2)


def _terms(points: Floats, size: tuple[float, float], degree: int) -> Floats:
    return _terms_at(points.tobytes(), size, degree)


@lru_cache(maxsize=32)
def _terms_at(points: bytes, size: tuple[float, float], degree: int) -> Floats:
    """Kept, as a fit asks for the template's own points a hundred times."""
    place = 2.0 * np.frombuffer(points).reshape(-1, 2) / np.array(size) - 1.0
    powers = np.polynomial.legendre.legvander(place, degree)
    orders = _orders(degree)
    terms = powers[:, 0, orders[:, 0]] * powers[:, 1, orders[:, 1]]
    terms.flags.writeable = False
    return np.asarray(terms)
