"""Scanning and photographing rendered pages; boxes and masks follow the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Shot:
    """A degraded picture (as the page: grey or BGR) and the homography page → picture."""

    image: NDArray[np.uint8]
    matrix: NDArray[np.float64]


def clean(page: NDArray[np.uint8]) -> Shot:
    """The page itself."""
    return Shot(page, np.eye(3))


def scan(page: NDArray[np.uint8], rng: np.random.Generator) -> Shot:
    """Turned by up to 1.2 degrees, grainy, JPEG."""
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-1.2, 1.2)), 1.0)
    matrix = np.vstack([turn, [0, 0, 1]])
    paper = int(rng.integers(235, 253))
    flat = _shade(page, paper)
    turned = cv2.warpPerspective(
        flat, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(paper,) * 3
    )
    soft = cv2.GaussianBlur(turned, (0, 0), float(rng.uniform(0.3, 0.8)))
    return Shot(
        _jpeg(_grain(soft, rng, float(rng.uniform(2, 8))), int(rng.integers(60, 92))), matrix
    )


def photo(page: NDArray[np.uint8], rng: np.random.Generator) -> Shot:
    """Mild keystone, uneven light, a soft shadow, blur, noise, JPEG."""
    height, width = page.shape[:2]
    reach = 0.018 * min(width, height)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-reach, reach, (4, 2)).astype(np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(corners, moved), np.float64)
    warped = cv2.warpPerspective(
        page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(250,) * 3
    )
    lit = light(warped, rng)
    soft = cv2.GaussianBlur(lit, (0, 0), float(rng.uniform(0.5, 1.1)))
    return Shot(
        _jpeg(_grain(soft, rng, float(rng.uniform(3, 8))), int(rng.integers(70, 92))), matrix
    )


def light(page: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Light that falls off across the page and one soft-edged shadow."""
    height, width = page.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = (np.cos(angle) * x / width + np.sin(angle) * y / height).astype(np.float32)
    field = rng.uniform(0.72, 0.95) + rng.uniform(0.05, 0.2) * (along - along.min())
    if rng.random() < 0.6:
        edge = rng.uniform(0.2, 0.8) * width + (y - height / 2) * rng.uniform(-0.5, 0.5)
        soft = 1 / (1 + np.exp(-np.clip((x - edge) / rng.uniform(15, 80), -30, 30)))
        field = field * (1 - rng.uniform(0.1, 0.35) * soft)
    if page.ndim == 3:
        field = field[:, :, None] * np.array([rng.uniform(0.88, 1), 0.98, 1.0], np.float32)
    return np.asarray(np.clip(page * field, 0, 255), np.uint8)


def move_boxes(boxes: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Upright boxes [n, 4] xywh around the mapped corners of boxes."""
    if not len(boxes):
        return boxes
    x, y, w, h = boxes.T
    corners = np.stack([x, y, x + w, y, x + w, y + h, x, y + h], axis=1).reshape(-1, 2)
    mapped = np.column_stack([corners, np.ones(len(corners))]) @ matrix.T
    points = (mapped[:, :2] / mapped[:, 2:]).reshape(-1, 4, 2)
    low, high = points.min(axis=1), points.max(axis=1)
    return np.concatenate([low, high - low], axis=1)


def _shade(page: NDArray[np.uint8], paper: int) -> NDArray[np.uint8]:
    return np.asarray(page.astype(np.float32) * (paper / 255), np.uint8)


def _grain(image: NDArray[np.uint8], rng: np.random.Generator, sigma: float) -> NDArray[np.uint8]:
    noise = rng.standard_normal(image.shape[:2], dtype=np.float32) * sigma
    noise = noise if image.ndim == 2 else noise[:, :, None]
    return np.asarray(np.clip(image + noise, 0, 255), np.uint8)


def _jpeg(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    flag = cv2.IMREAD_GRAYSCALE if image.ndim == 2 else cv2.IMREAD_COLOR
    code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(code, flag), np.uint8)
