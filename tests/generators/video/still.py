"""Single frames as a film of a page holds them, with the ink of the hand as truth.

Cheaper than a film: what a codec, a shadow, a blur and a hand-held camera do to one page.
"""

import io
from dataclasses import dataclass

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tests.generators.video.book import Picture

_SIZES = ((720, 1280), (720, 1280), (720, 1280), (1080, 1920))
"""px (width, height) of the films imitated, of single pages; of spreads, the other way round."""


@dataclass(frozen=True)
class Still:
    """A decoded frame (BGR) and its truth (uint8: 1 a student's ink, 2 a marking pen's)."""

    picture: Picture
    truth: Picture


def tinted(page: Picture, rng: np.random.Generator) -> Picture:
    """A grey printed page as BGR, some of its print in colour and some of its paper shaded."""
    light = page.astype(np.float32)[:, :, None] / 255
    ink = np.zeros((*page.shape, 3), np.float32) + rng.uniform(0, 0.25)
    paper = np.ones_like(ink) * rng.uniform(0.93, 1.0, 3).astype(np.float32)
    if rng.random() < 0.4:
        _heading(light, rng)
    for target, low, high in ((ink, 0.0, 0.75), (paper, 0.82, 1.0)):
        for _ in range(int(rng.integers(0, 4))):
            x, y, w, h = _patch(page.shape, rng)
            target[y : y + h, x : x + w] = rng.uniform(low, high, 3)
    return np.asarray(255 * (light * paper + (1 - light) * ink), np.uint8)


def film_still(
    page: Picture, truth: Picture, rng: np.random.Generator, shadow: float | None = None
) -> Still:
    """Lay a written BGR page on a desk, film and encode it; `shadow` takes 0-1 of the light.

    With the same `rng` only the shadow differs.
    """
    size = _SIZES[int(rng.integers(len(_SIZES)))]
    if page.shape[1] > page.shape[0]:
        size = (size[1], size[0])
    corners = _corners(page.shape, size, rng)
    height, width = page.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    page = _shaded(page, rng)
    shrink = min(1.0, float(np.linalg.norm(corners[1] - corners[0])) / width)
    small = cv2.GaussianBlur(page, (0, 0), 0.45 / shrink) if shrink < 0.8 else page
    matrix = cv2.getPerspectiveTransform(source, corners)
    scene = np.full((size[1], size[0], 3), rng.uniform(60, 170, 3), np.uint8)
    long = int(rng.choice([4, 40]))
    grain = rng.normal(0, 14, (size[1] // 4, size[0] // long)).astype(np.float32)
    desk = cv2.resize(grain, size, interpolation=cv2.INTER_CUBIC)[:, :, None]
    scene = np.clip(scene + desk, 0, 255).astype(np.uint8)
    cv2.warpPerspective(small, matrix, size, dst=scene, borderMode=cv2.BORDER_TRANSPARENT)
    mask = cv2.warpPerspective(truth, matrix, size, flags=cv2.INTER_NEAREST)
    if rng.random() < 0.4:
        _thumb(scene, mask, corners, rng)
    lit = scene * _light(size, rng, shadow)
    blur = float(rng.uniform(0.0, 1.1)) * min(size) / 720
    if blur > 0.25:
        lit = cv2.GaussianBlur(lit, (0, 0), blur)
    noise = rng.standard_normal(lit.shape[:2], np.float32) * rng.uniform(1, 4)
    shot = np.clip(lit + 1.6 * cv2.GaussianBlur(noise, (0, 0), 0.7)[:, :, None], 0, 255)
    return Still(_encoded(np.asarray(shot, np.uint8), rng), np.asarray(mask, np.uint8))


def _heading(light: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Print the top of a page light on dark, as workbooks' headings are."""
    height = int(light.shape[0] * rng.uniform(0.04, 0.09))
    light[:height] = rng.uniform(0.75, 1.0) * (1 - light[:height]) + rng.uniform(0, 0.25)


def _patch(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[int, int, int, int]:
    height, width = shape[:2]
    w, h = int(width * rng.uniform(0.1, 0.9)), int(height * rng.uniform(0.02, 0.25))
    return int(rng.uniform(0, width - w)), int(rng.uniform(0, height - h)), w, h


def _shaded(page: Picture, rng: np.random.Generator) -> Picture:
    """The shade of the gutter at one edge, of some pages."""
    if rng.random() < 0.5:
        return page
    width = page.shape[1]
    distance = np.arange(width, dtype=np.float32) / (width * rng.uniform(0.03, 0.12))
    light = 1 - rng.uniform(0.1, 0.55) * np.exp(-(distance**2))
    light = light if rng.random() < 0.5 else light[::-1]
    return np.asarray(page * light[None, :, None], np.uint8)


def _corners(
    shape: tuple[int, ...], size: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float32]:
    height, width = shape[:2]
    scale = min(size[0] / width, size[1] / height) * rng.uniform(0.8, 1.02)
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [width / 2, height / 2] * scale
    angle = np.radians(rng.normal(0, 1.5))
    spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    bent = half @ spin + rng.uniform(-0.02, 0.02, (4, 2)) * min(size)
    return np.asarray(bent + [size[0] / 2, size[1] / 2], np.float32)


def _light(
    size: tuple[int, int], rng: np.random.Generator, shadow: float | None
) -> NDArray[np.float32]:
    """Light of a lamp with somebody's shadow in it, 0-1.05, [h, w, 1]."""
    across = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[None]
    down = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[:, None]
    turn = rng.uniform(0, 2 * np.pi)
    slope = np.cos(turn) * across + np.sin(turn) * down
    drawn = rng.choice([0.0, rng.uniform(0.1, 0.65)])
    dim = drawn if shadow is None else shadow
    edge = 1 / (1 + np.exp(-(slope - rng.uniform(-0.3, 0.3)) * rng.uniform(6, 60)))
    fall = 1 + rng.uniform(-0.2, 0.2) * across + rng.uniform(-0.2, 0.2) * down
    light = rng.uniform(0.75, 1.02) * fall * (1 - dim * edge)
    return np.asarray(light[:, :, None], np.float32)


def _thumb(
    scene: Picture, mask: Picture, corners: NDArray[np.float32], rng: np.random.Generator
) -> None:
    """A thumb or fist that holds the page at an edge."""
    place = int(rng.integers(4))
    along = rng.uniform(0.2, 0.9)
    at = corners[place] * (1 - along) + corners[(place + 1) % 4] * along
    unit = min(scene.shape[:2]) * rng.uniform(0.04, 0.14)
    tone = [rng.uniform(70, 170), rng.uniform(100, 185), rng.uniform(150, 235)]
    shape = (int(unit * rng.uniform(1, 1.8)), int(unit))
    where = (int(at[0]), int(at[1]))
    turn = float(rng.uniform(0, 180))
    cv2.ellipse(scene, where, shape, turn, 0, 360, tone, -1, cv2.LINE_AA)
    cv2.ellipse(mask, where, shape, turn, 0, 360, 0, -1)


def _encoded(picture: Picture, rng: np.random.Generator) -> Picture:
    """The last of a few frames of a hold, coded well or badly."""
    crf = rng.choice([18, 23, 26, 30, 34, 37], p=[0.15, 0.25, 0.2, 0.15, 0.15, 0.1])
    preset = str(rng.choice(["ultrafast", "veryfast"]))
    store = io.BytesIO()
    with av.open(store, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=30, options={"preset": preset, "crf": str(crf)}
        )
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        for index in range(3):
            moved = np.roll(picture, (2 - index, index - 2), (0, 1))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(moved), format="bgr24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    store.seek(0)
    with av.open(store) as container:
        last = list(container.decode(video=0))[-1]
    return np.asarray(last.to_ndarray(format="bgr24"), np.uint8)
