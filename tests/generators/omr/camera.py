"""What scanners and phones do to a sheet."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture file: `data` as a camera or scanner wrote it."""

    data: bytes
    suffix: str = ".jpg"


def scan(sheet: Pixels, scale: float, rng: Rng, dpi: int, skew: float, turns: bool) -> Pixels:
    """A flatbed or feeder: slight turn, noise, the scanner's own tone curve."""
    height, width = sheet.shape[:2]
    factor = dpi / 25.4 / scale
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-skew, skew), factor)
    size = (round(width * factor), round(height * factor))
    matrix[:, 2] += np.array(size) / 2 - np.array([width / 2, height / 2])
    matrix[:, 2] += rng.normal(0, 1.0, 2) * dpi / 25.4
    small = cv2.warpAffine(
        cv2.GaussianBlur(sheet, (0, 0), 0.42 / factor),
        matrix,
        size,
        flags=cv2.INTER_LINEAR,
        borderValue=(252, 252, 252),
    )
    small = _noisy(_toned(small, rng, 0.9, 1.0), rng, 2.5)
    return np.rot90(small, rng.integers(4)).copy() if turns else small


def bilevel(page: Pixels, rng: Rng) -> Pixels:
    """A 1-bit scan: a fixed threshold, so pale print and pale marks may go."""
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    black = np.where(grey < rng.uniform(165, 195), 0, 255).astype(np.uint8)
    return cv2.cvtColor(black, cv2.COLOR_GRAY2BGR)


def photo(
    sheet: Pixels,
    scale: float,
    rng: Rng,
    *,
    tilt: float,
    curl: float,
    shade: float,
    blur: float,
    desk: str,
    cut: float = 0.0,
    turns: bool = False,
    long_side: int = 3000,
) -> Pixels:
    """A phone over a desk: perspective, curled paper, a shadow, blur of the hand."""
    height, width = sheet.shape[:2]
    size = (long_side, round(long_side * 0.75))
    fit = min(size[0] / width, size[1] / height) * rng.uniform(0.82, 0.95)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    middle = np.array([width, height]) / 2
    target = (corners - middle) * fit
    angle = np.radians(rng.uniform(-4, 4))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = target @ turn.T + np.array(size) / 2
    target += rng.uniform(-tilt, tilt, (4, 2)) * long_side
    if cut:
        target += np.array([rng.choice([-1, 1]) * cut * size[0], 0])
    matrix = cv2.getPerspectiveTransform(target.astype(np.float32), corners.astype(np.float32))
    grid = np.stack(np.meshgrid(np.arange(size[0]), np.arange(size[1])), -1).astype(np.float32)
    source = cv2.perspectiveTransform(grid.reshape(-1, 1, 2), matrix).reshape(grid.shape)
    phase, period = rng.uniform(0, 6.28), rng.uniform(0.8, 1.6)
    wave = np.sin(source[..., 0] / width * 2 * np.pi / period + phase)
    source[..., 1] += (curl * scale * wave).astype(np.float32)
    softened = cv2.GaussianBlur(sheet, (0, 0), max(0.3, 0.35 / fit))
    page = cv2.remap(
        softened, source[..., 0], source[..., 1], cv2.INTER_LINEAR, borderValue=(0, 0, 0)
    )
    mask = cv2.remap(
        np.full((height, width), 255, np.uint8), source[..., 0], source[..., 1], cv2.INTER_LINEAR
    )
    alpha = (mask / 255.0)[..., None]
    seen = page * alpha + _desk(size, rng, desk) * (1 - alpha)
    seen = seen * _light(size, rng, shade)[..., None]
    seen = cv2.GaussianBlur(seen.clip(0, 255).astype(np.uint8), (0, 0), max(0.3, blur))
    seen = _noisy(_toned(seen, rng, 0.86, 1.0), rng, 3.5)
    return np.rot90(seen, rng.integers(4)).copy() if turns else seen


def moire(page: Pixels, rng: Rng) -> Pixels:
    """Fine stripes, as from a screen or a coarse print seen through a sensor's grid."""
    rows = np.arange(page.shape[0])[:, None]
    columns = np.arange(page.shape[1])[None]
    stripes = np.sin(rows * rng.uniform(0.5, 1.2) + columns * rng.uniform(-0.6, 0.6))
    return (page + 4.0 * stripes[..., None]).clip(0, 255).astype(np.uint8)


def jpeg(page: Pixels, quality: int) -> bytes:
    return cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def shrunk(page: Pixels, long_side: int) -> Pixels:
    factor = long_side / max(page.shape)
    return cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


Conditions = dict[str, Callable[[Pixels, float, Rng], bytes]]


def _easy(**changes: object) -> dict[str, object]:
    return {"tilt": 0.02, "curl": 0.0, "shade": 0.2, "blur": 0.6, "desk": "dark"} | changes


CONDITIONS: Conditions = {
    "scan_200": lambda s, k, r: jpeg(scan(s, k, r, 200, 5.0, True), 85),
    "scan_100": lambda s, k, r: jpeg(scan(s, k, r, 100, 2.0, False), 85),
    "scan_1bit": lambda s, k, r: jpeg(bilevel(scan(s, k, r, 200, 2.0, False), r), 90),
    "photo_easy": lambda s, k, r: jpeg(photo(s, k, r, **_easy()), 85),
    "photo_white": lambda s, k, r: jpeg(photo(s, k, r, **_easy(desk="white")), 85),
    "photo_cut": lambda s, k, r: jpeg(photo(s, k, r, **_easy(cut=0.045)), 85),
    "photo_turned": lambda s, k, r: jpeg(photo(s, k, r, **_easy(), turns=True), 85),
    "photo_messenger": lambda s, k, r: jpeg(
        shrunk(photo(s, k, r, **_easy(tilt=0.03, shade=0.3)), 1440), 55
    ),
    "photo_hard": lambda s, k, r: jpeg(
        moire(
            photo(s, k, r, tilt=0.05, curl=r.uniform(1, 3), shade=0.45, blur=1.3, desk="clutter"),
            r,
        ),
        75,
    ),
}
"""Name to what happens to a rendered sheet (BGR, px a mm, random numbers)."""


def _desk(size: tuple[int, int], rng: Rng, kind: str) -> NDArray[np.float64]:
    width, height = size
    base = {"dark": (40, 55, 70), "white": (236, 240, 240), "clutter": (95, 120, 140)}[kind]
    noise = rng.normal(0, 7, (height // 8, width // 8, 1))
    desk = np.array(base) + cv2.resize(noise, size)[..., None]
    if kind == "clutter":
        for _ in range(14):
            start = rng.integers(0, [width, height])
            end = start + rng.integers(-500, 500, 2)
            colour = tuple(int(v) for v in rng.integers(20, 240, 3))
            desk = cv2.line(
                desk.copy(),
                tuple(map(int, start)),
                tuple(map(int, end)),
                colour,
                int(rng.integers(5, 40)),
            )
    return desk


def _light(size: tuple[int, int], rng: Rng, shade: float) -> NDArray[np.float64]:
    """Uneven light: a slope, and the soft edge of a shadow."""
    width, height = size
    x, y = np.meshgrid(np.linspace(-1, 1, width // 16), np.linspace(-1, 1, height // 16))
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    edge = 1 / (1 + np.exp(-8 * (along - rng.uniform(-0.4, 0.6))))
    light = 1 - 0.4 * shade * (along + 1) / 2 - 0.6 * shade * edge
    return cv2.resize(light, size)


def _toned(page: Pixels, rng: Rng, low: float, high: float) -> Pixels:
    gain = rng.uniform(low, high) * (1 + rng.normal(0, 0.015, 3))
    return (page * gain).clip(0, 255).astype(np.uint8)


def _noisy(page: Pixels, rng: Rng, sigma: float) -> Pixels:
    return (page + rng.normal(0, sigma, page.shape)).clip(0, 255).astype(np.uint8)
