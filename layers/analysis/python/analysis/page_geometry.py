"""Making a photographed or scanned page flat: even light, lines level, edges upright.

Everything works on a page scaled to a known long side, so that later steps think in one unit.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image

Grey = NDArray[Any]
"""uint8, height x width; Any because OpenCV's stubs promise less than it returns."""

Matrix = NDArray[np.float64]
Points = NDArray[np.float64]

LONG_SIDE = 2500
"""px; A4 at 214 dpi, A3 at 151 dpi: a 10 pt glyph is 21-31 px high."""

INK_LEVEL = 190
"""Grey level of evenly lit paper (255) below which a pixel is ink; thin strokes reach 170."""

_MAX_SKEW = 12.0
"""degrees; more than a hand's or a feeder's, less than what a quarter turn is for."""

_LEVEL_SLOPE = 0.0015
"""dy/dx; 2.6 px over an A4 page: below it a warp costs more sharpness than it gives."""

_STRIPS = 48
"""Strips a page is cut into to measure its slope; each is then shifted as a whole."""


@dataclass(frozen=True, slots=True, eq=False)
class FlatPage:
    """A page made level.

    `grey` is uint8 (h, w), light evened, paper near 255. `to_source` is the 3x3 homography from
    flat pixels to pixels of the picture given. `angle` is by how many degrees the page was turned
    clockwise in the picture, (-180, 180].
    """

    grey: Grey
    to_source: Matrix
    angle: float

    def warped(self, image: Image) -> Image:
        """Warp the picture this page was made from, in BGR, its light as it was."""
        height, width = self.grey.shape
        return np.asarray(_warp(image, self.to_source, (width, height)), np.uint8)

    def boxes_to_source(
        self, boxes: NDArray[np.float64], size: tuple[int, int]
    ) -> NDArray[np.int_]:
        """Map [n, 4] xywh boxes to upright boxes in the source, clipped to `size` (w, h)."""
        if not len(boxes):
            return np.zeros((0, 4), dtype=np.int_)
        x, y, w, h = boxes.T
        corners = np.stack([x, y, x + w, y, x + w, y + h, x, y + h], axis=1).reshape(-1, 2)
        mapped = transform(corners, self.to_source).reshape(-1, 4, 2)
        low = np.clip(np.floor(mapped.min(axis=1)), 0, size)
        high = np.clip(np.ceil(mapped.max(axis=1)), 0, size)
        return np.concatenate([low, high - low], axis=1).astype(np.int_)


def flatten(image: Image, *, quarter_turns: int = 0, long_side: int = LONG_SIDE) -> FlatPage:
    """Even the light, level the lines and undo a mild keystone of a BGR or grey picture of a page.

    `quarter_turns` clockwise turns are applied to the picture first. A page that lies on a
    darker table is cut out along its outline.
    """
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    turned, turn = _turn(grey, quarter_turns)
    matrix, (width, height) = _outline_homography(turned) or (np.eye(3), turned.shape[::-1])
    scale = long_side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    to_turned = matrix @ np.diag([1 / scale, 1 / scale, 1.0])
    draft = even_light(_warp(turned, to_turned, size))
    level = level_homography((draft < INK_LEVEL).astype(np.uint8))
    if level is not None:
        to_turned = to_turned @ level
        draft = even_light(_warp(turned, to_turned, size))
    to_source = turn @ to_turned
    return FlatPage(draft, to_source, _angle_at(to_source, size))


def even_light(grey: Grey) -> Grey:
    """Divide a grey page by its paper: shadows and falling light go, ink stays.

    The paper is the brightest neighbour within 1/40 of the long side, smoothed.
    """
    paper = _paper(grey)
    return np.asarray(cv2.divide(grey, paper, scale=255.0), np.uint8)


def _paper(grey: Grey) -> Grey:
    height, width = grey.shape
    small_size = (max(1, width // 4), max(1, height // 4))
    small = cv2.resize(grey, small_size, interpolation=cv2.INTER_AREA)
    reach = max(3, max(small.shape) // 40) | 1
    small = cv2.dilate(small, np.ones((reach, reach), np.uint8))
    small = cv2.medianBlur(small, min(31, reach | 1))
    small = cv2.blur(small, (reach, reach))
    return np.maximum(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), 1)


def transform(points: Points, matrix: Matrix) -> Points:
    """Apply a 3x3 homography to [n, 2] points."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    result: Points = homogeneous[:, :2] / homogeneous[:, 2:]
    return result


def _turn(image: Grey, quarter_turns: int) -> tuple[Grey, Matrix]:
    """Turn a picture clockwise; also the homography from the turned picture back to it."""
    height, width = image.shape[:2]
    match quarter_turns % 4:
        case 1:
            back = np.array([[0, 1, 0], [-1, 0, height - 1], [0, 0, 1]], dtype=np.float64)
            return cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE), back
        case 2:
            back = np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1]], dtype=np.float64)
            return cv2.rotate(image, cv2.ROTATE_180), back
        case 3:
            back = np.array([[0, -1, width - 1], [1, 0, 0], [0, 0, 1]], dtype=np.float64)
            return cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE), back
        case _:
            return image, np.eye(3)


def _warp(image: Grey, to_image: Matrix, size: tuple[int, int]) -> Grey:
    shrinks = np.hypot(to_image[0, 0], to_image[1, 0]) > 1.5
    if shrinks:  # a warp samples points; average first so that thin strokes survive
        factor = 1 / np.hypot(to_image[0, 0], to_image[1, 0])
        image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        to_image = np.diag([factor, factor, 1.0]) @ to_image
    if np.allclose(to_image, np.diag([to_image[0, 0], to_image[1, 1], 1.0]), atol=1e-6):
        return cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return cv2.warpPerspective(
        image,
        to_image,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def level_homography(ink: Grey) -> Matrix | None:
    """Homography from a level page to the given ink mask (uint8 0/1, h x w).

    None where no lines are seen or the page is level already.

    The slope of rows is measured in the top and bottom halves and that of upright edges in the
    left and right halves; where the four lines meet is the quadrilateral a level page maps to.
    """
    height, width = ink.shape
    small = cv2.resize(ink * np.uint8(255), (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    whole, sure = _slope(small, 0.0, _MAX_SKEW)
    if not sure:
        return None
    half_h, half_w = small.shape[0] // 2, small.shape[1] // 2
    top = _slope_near(small[:half_h], whole)
    bottom = _slope_near(small[half_h:], whole)
    upright = np.ascontiguousarray(small.T)
    left = _slope_near(upright[:half_w], -whole)
    right = _slope_near(upright[half_w:], -whole)
    quad = _meeting_points(width, height, (top, bottom), (left, right))
    if max(abs(whole), abs(top), abs(bottom), abs(left), abs(right)) < _LEVEL_SLOPE:
        return None
    w4, h4 = width / 4, height / 4
    level = np.array([[w4, h4], [3 * w4, h4], [3 * w4, 3 * h4], [w4, 3 * h4]])
    return np.asarray(
        cv2.getPerspectiveTransform(level.astype(np.float32), quad.astype(np.float32)), np.float64
    )


def _meeting_points(
    width: int, height: int, rows: tuple[float, float], edges: tuple[float, float]
) -> Points:
    """Where two sloping rows (at 1/4 and 3/4 height) meet two sloping edges (likewise)."""
    points = []
    cx, cy = width / 2, height / 2
    for row, y0 in zip(rows, (height / 4, 3 * height / 4), strict=True):
        pair = []
        for edge, x0 in zip(edges, (width / 4, 3 * width / 4), strict=True):
            # y = y0 + row (x - cx) and x = x0 + edge (y - cy)
            x = (x0 + edge * (y0 - row * cx - cy)) / (1 - edge * row)
            pair.append((x, y0 + row * (x - cx)))
        points.append(pair)
    (a, b), (d, c) = points
    return np.array([a, b, c, d])


def _slope_near(ink: Grey, expected: float) -> float:
    """Slope of a half page within 2.5 degrees of the whole page's; `expected` if unsure."""
    slope, sure = _slope(ink, expected, 2.5)
    return slope if sure else expected


def _slope(ink: Grey, around: float, reach: float) -> tuple[float, bool]:
    """Slope dy/dx at which the row profile is sharpest, and whether it stands out.

    Searches `reach` degrees around the slope `around`, coarsely, then finely.
    """
    height, width = ink.shape
    strips = min(_STRIPS, width)
    if height < 16 or strips < 8:
        return around, False
    edges = np.linspace(0, width, strips + 1).astype(int)
    profiles = np.add.reduceat(ink.astype(np.float32), edges[:-1], axis=1).T
    centres = (edges[:-1] + edges[1:]) / 2 - width / 2
    degrees = np.degrees(np.arctan(around)) + np.arange(-reach, reach + 1e-6, 0.25)
    scores = _sharpness(profiles, centres, np.tan(np.radians(degrees)))
    best = int(scores.argmax())
    fine = degrees[best] + np.arange(-0.3, 0.301, 0.03)
    fine_scores = _sharpness(profiles, centres, np.tan(np.radians(fine)))
    stands_out = scores[best] > 1.25 * float(np.median(scores)) and 0 < best < len(degrees) - 1
    plateau = fine[fine_scores >= 0.995 * fine_scores.max()]
    return float(np.tan(np.radians(plateau.mean()))), bool(stands_out)


def _sharpness(
    profiles: NDArray[np.float32], centres: NDArray[np.float64], slopes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Energy of the row profile's steps, for each slope the strips are shifted by."""
    height = profiles.shape[1]
    scores = np.zeros(len(slopes))
    for index, slope in enumerate(slopes):
        total = np.zeros(height, np.float32)
        for profile, shift in zip(profiles, np.rint(slope * centres).astype(int), strict=True):
            if shift >= 0:
                total[: height - shift] += profile[shift:]
            else:
                total[-shift:] += profile[:shift]
        scores[index] = float((np.diff(total) ** 2).sum())
    return scores


def _outline_homography(image: Grey) -> tuple[Matrix, tuple[int, int]] | None:
    """Find a page lying on a darker table: homography page → picture, and the page's (w, h).

    None where the page fills the picture, as in a scan, or no clear sheet is seen.
    """
    scale = 500 / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    corners = _sheet_corners(small)
    if corners is None:
        return None
    corners = corners / scale
    width = (np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    height = (np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    page = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(page, corners.astype(np.float32))
    return np.asarray(matrix, np.float64), (max(1, round(width)), max(1, round(height)))


def _sheet_corners(small: Grey) -> Points | None:
    """Corners of a bright sheet, clockwise from top left, in a picture of about 500 px.

    The sheet must be much brighter than the rim of the picture, four-sided, convex and cover
    20-92 % of it.
    """
    value = cv2.GaussianBlur(small, (9, 9), 0)
    height, width = value.shape
    _, mask = cv2.threshold(value, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    if mask.all() or not mask.any():
        return None
    rim = np.concatenate([mask[:4].ravel(), mask[-4:].ravel(), mask[:, :4].ravel()])
    if (rim > 0).mean() > 0.5 or value[mask > 0].mean() - value[mask == 0].mean() < 50:
        return None
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    sheet = max(contours, key=cv2.contourArea)
    area = cv2.contourArea(sheet)
    hull = cv2.convexHull(sheet)
    if not 0.2 < area / (width * height) < 0.92 or area < 0.9 * cv2.contourArea(hull):
        return None
    quad = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, True), True)
    if len(quad) != 4 or cv2.contourArea(quad) < 0.9 * area:
        return None
    return _clockwise(quad.reshape(4, 2).astype(np.float64))


def _clockwise(quad: Points) -> Points:
    centre = quad.mean(axis=0)
    order = np.argsort(np.arctan2(quad[:, 1] - centre[1], quad[:, 0] - centre[0]))
    ring = quad[order]
    return np.roll(ring, -int(ring.sum(axis=1).argmin()), axis=0)


def _angle_at(to_source: Matrix, size: tuple[int, int]) -> float:
    cx, cy = size[0] / 2, size[1] / 2
    (x0, y0), (x1, y1) = transform(np.array([[cx - 50, cy], [cx + 50, cy]]), to_source)
    return round(float(np.degrees(np.arctan2(y1 - y0, x1 - x0))), 2)
