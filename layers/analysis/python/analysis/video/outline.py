"""Where a page lies in a frame of a film: four straight sides.

A side is looked for where light falls to the desk, or the paper's tint ends. The fall is taken of
the light's logarithm, a ratio, which a shadow over both leaves alone; a shadow's own edge is softer
than a side. Of all sides found (Hough 1962) those four are taken that stand out best together, so
that a thumb, a coloured box or a dark heading at a rim does not bend the page.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image

_SMALL = 320
"""px of the long side at which sides are looked for; all lengths below are of this picture."""

_INK = 7
"""px; what is thinner than this is ink, which is filled in first."""

_CLOSE, _FAR = 3, 9
"""px to either side of a rim at which light is compared."""

_SUDDEN = 0.6
"""Share of the fall further off that must lie close to a side."""

_FALL, _TINT = 0.3, 0.05
"""Fall of the logarithm of light, and distance in (b, g, r) / (b + g + r), that are full evidence
of a side."""

_SEEN = 0.25
"""Evidence (0-1) from which a point votes for lines."""

_SLOPES = np.linspace(-0.25, 0.25, 51)
"""Slopes tried of a page's sides: 14 degrees either way."""

_BIN, _APART, _LINES, _SHORTEST = 2, 3, 5, 0.12
"""px of a line's place; bins that two lines of a side lie apart; lines kept a side; share of the
frame that the points on a line cover at least."""

_POINTS = np.linspace(0.06, 0.94, 32)
"""Where along a side evidence is taken."""

_RIM, _BEYOND = 4, 0.5
"""px at the frame's rim where nothing can be seen, and what evidence counts for there."""

_WEAKEST = 0.22
"""Mean evidence that each side within the frame must have."""

_LARGE = 0.4
"""What the share of the frame that a page covers adds to its sides' mean evidence."""

_LEAST, _MOST = 0.2, 0.95
"""Shares of the frame that a page covers if it is cut out."""

_INSET = 0.985
"""A page's outline is drawn in by this, so that its rim is no ink."""

Floats = NDArray[np.float64]
Map = NDArray[np.float32]


def outline(picture: Image) -> NDArray[np.int32] | None:
    """Corners [4, 1, 2] px of the page in a BGR frame, a little inside its rim, clockwise from the
    upper left; None if no page stands out or it fills the frame."""
    scale = _SMALL / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    light, strange = _paper(np.asarray(small, np.uint8))
    maps: list[Map] = []
    lines = []
    for turns in range(4):
        side = _evidence(_turned(light, turns), _turned(strange, turns))
        near = np.asarray(cv2.dilate(side, np.ones((1, 3), np.uint8)), np.float32)
        maps.append(np.rot90(near, -turns))
        lines.append(_turned_back(_lines(side), side.shape, turns))
    corners = _best(maps, lines)
    if corners is None:
        return None
    centre = corners.mean(axis=0)
    drawn_in = (centre + _INSET * (corners - centre)) / scale
    return np.asarray(np.rint(drawn_in), np.int32).reshape(-1, 1, 2)


def _paper(small: Image) -> tuple[Map, Map]:
    """Logarithm of a small picture's light without its ink, and how far each tint is from the
    brightest paper's."""
    smooth = cv2.GaussianBlur(small, (3, 3), 0)
    bare = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((_INK, _INK), np.uint8))
    values = bare.astype(np.float32) + 4
    light = values.sum(axis=2)
    tint = values / light[:, :, None]
    paper = np.median(tint[light >= np.quantile(light, 0.92)], axis=0)
    strange = np.linalg.norm(tint - paper, axis=2)
    return np.asarray(np.log(light), np.float32), np.asarray(strange, np.float32)


def _turned(values: Map, turns: int) -> Map:
    """Turned so that the left (0), upper (1), right (2) or lower side (3) comes to lie left."""
    return np.ascontiguousarray(np.rot90(values, turns))


def _turned_back(ends: Floats, shape: tuple[int, ...], turns: int) -> Floats:
    """Points [n, 2, 2] (x, y) of a picture turned by `_turned` to `shape`, where they lay."""
    height, width = shape
    for _ in range(turns):
        ends = np.stack([height - 1 - ends[..., 1], ends[..., 0]], axis=-1)
        height, width = width, height
    return ends


def _evidence(light: Map, strange: Map) -> Map:
    """How surely (0-1) each pixel lies on a page's left side."""
    close, far = _rise(light, _CLOSE), _rise(light, _FAR)
    sudden = np.where(close > _SUDDEN * far, np.minimum(close, far + 0.05), 0)
    ends = -_rise(strange, _CLOSE + 1)
    return np.asarray(np.clip(np.maximum(sudden / _FALL, ends / _TINT), 0, 1), np.float32)


def _rise(values: Map, distance: int) -> Map:
    """Values that far to the right less those that far to the left, or as far as the frame goes."""
    mean = cv2.blur(values, (3, 3), borderType=cv2.BORDER_REPLICATE)
    wide = cv2.copyMakeBorder(mean, 0, 0, distance, distance, cv2.BORDER_REPLICATE)
    return np.asarray(wide[:, 2 * distance :] - wide[:, : -2 * distance], np.float32)


def _lines(evidence: Map) -> Floats:
    """Upper and lower ends [n, 2, 2] of the lines most evidence of a left side lies on; the last is
    the frame's rim."""
    height = len(evidence)
    rows = cv2.blur(evidence, (1, 3))[1::2]
    peak = (rows >= cv2.dilate(rows, np.ones((1, 5), np.uint8))) & (rows > _SEEN)
    row, x = np.nonzero(peak)
    found = [(0.0, 0.0)]
    if len(row):
        down = 2 * row + 1 - (height - 1) / 2
        place = np.rint((x[:, None] - down[:, None] * _SLOPES) / _BIN).astype(np.int64)
        first = int(place.min())
        count = int(place.max()) - first + 2
        bins = place - first + np.arange(len(_SLOPES)) * count
        weight = np.repeat(rows[row, x], len(_SLOPES))
        votes = np.bincount(bins.ravel(), weight, count * len(_SLOPES)).reshape(-1, count)
        votes[:, :-1] += votes[:, 1:].copy()
        while len(found) <= _LINES and votes.max() > _SHORTEST * height / 2:
            slope, at = np.unravel_index(int(votes.argmax()), votes.shape)
            middle, lean = (int(at) + first + 0.5) * _BIN, _SLOPES[slope] * (height - 1) / 2
            found.insert(-1, (middle - lean, middle + lean))
            votes[:, max(0, int(at) - _APART) : int(at) + _APART + 1] = 0
    return np.array([[(upper, 0), (lower, height - 1)] for upper, lower in found], np.float64)


def _best(maps: list[Map], lines: list[Floats]) -> Floats | None:
    """Corners [4, 2] where those four of the lines meet that stand out best."""
    height, width = maps[0].shape
    crossings = [_crossings(lines[side], lines[(side + 1) % 4]) for side in range(4)]
    tables = [_standing_out(maps[side], crossings[side - 1], crossings[side]) for side in range(4)]
    sides, areas = (_added([table[part] for table in tables]) for part in (0, 1))
    covers = areas / (2 * height * width)
    score = np.where(covers >= _LEAST, sides / 4 + _LARGE * covers, -np.inf)
    left, top, right, bottom = np.unravel_index(int(score.argmax()), score.shape)
    chosen = (left, top, right, bottom)
    if not (np.isfinite(score[chosen]) and covers[chosen] <= _MOST):
        return None
    pairs = zip(crossings, chosen, np.roll(chosen, -1), strict=True)
    return np.array([points[one, two] for points, one, two in pairs])


def _crossings(some: Floats, others: Floats) -> Floats:
    """Where lines through points [n, 2, 2] meet others [m, 2, 2]: [n, m, 2]."""
    one, two = (
        np.cross(np.insert(ends[:, 0], 2, 1, axis=1), np.insert(ends[:, 1], 2, 1, axis=1))
        for ends in (some, others)
    )
    met = np.cross(one[:, None], two[None])
    return np.asarray(met[..., :2] / met[..., 2:], np.float64)


def _standing_out(evidence: Map, begin: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Mean evidence [l, m, n] of a side's m lines, between where l lines before and n lines after
    meet them, -inf if too weak; and what each adds to twice the page's area within the frame."""
    height, width = evidence.shape
    start, stop = begin[:, :, None, :], end[None]
    points = start[..., None, :] + (stop - start)[..., None, :] * _POINTS[:, None]
    x, y = np.rint(points).astype(np.int64)[..., 0], np.rint(points).astype(np.int64)[..., 1]
    seen = (x >= _RIM) & (y >= _RIM) & (x < width - _RIM) & (y < height - _RIM)
    found = evidence[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] * seen
    count = seen.sum(axis=-1)
    weak = (count > len(_POINTS) / 2) & (found.sum(axis=-1) < _WEAKEST * count)
    mean = np.where(seen, found, _BEYOND).mean(axis=-1)
    start, stop = (np.clip(ends, 0, (width - 1, height - 1)) for ends in (start, stop))
    area = start[..., 0] * stop[..., 1] - stop[..., 0] * start[..., 1]
    return np.where(weak, -np.inf, mean), area


def _added(tables: list[Floats]) -> Floats:
    """Sums [left, top, right, bottom] of tables [line before, line, line after] of the sides."""
    left, top, right, bottom = tables
    return np.asarray(
        left.transpose(1, 2, 0)[:, :, None, :]
        + top[..., None]
        + right[None]
        + bottom.transpose(2, 0, 1)[:, None]
    )
