"""A small convolutional net that tells what a piece of ink is, run with numpy alone.

It sees a piece twice, near and from afar, and numbers measured on it. Near shows the strokes, from
afar shows the lines of print, tables and figures the piece may belong to.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.small_net import MODELS, Floats
from faults import Code, Permanent

STRIDES = (2, 2, 1)
"""Steps of a tower's convolutions."""

_BATCH = 512
"""Pieces looked at together: 60 MB."""

Pictures = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Tower:
    """Convolutions without padding, each followed by a ReLU: `kernels` [k, k, from, to]."""

    kernels: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    def seen(self, pictures: Pictures) -> Floats:
        """What is left of pictures (uint8 [n, side, side, channels]): float32 [n, values]."""
        values: Floats = pictures.astype(np.float32) / np.float32(255)
        for kernel, bias, stride in zip(self.kernels, self.biases, STRIDES, strict=False):
            columns = windows(values, kernel.shape[0], stride)
            values = np.asarray(
                np.maximum(columns @ kernel.reshape(-1, kernel.shape[3]) + bias, 0), np.float32
            )
        return values.reshape(len(values), -1)


@dataclass(frozen=True, slots=True, eq=False)
class PieceNet:
    """Two towers and ReLU layers over both and the numbers, which are shifted by `mean` and
    divided by `spread` first."""

    near: Tower
    far: Tower
    mean: Floats
    spread: Floats
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    def hand(self, near: Pictures, far: Pictures, numbers: Floats) -> Floats:
        """Chance [n] that a hand drew each piece, of pictures uint8 [n, side, side, channels] and
        numbers [n, count]."""
        parts = [
            self._hand(near[i : i + _BATCH], far[i : i + _BATCH], numbers[i : i + _BATCH])
            for i in range(0, len(numbers), _BATCH)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _hand(self, near: Pictures, far: Pictures, numbers: Floats) -> Floats:
        normal = (numbers - self.mean) / self.spread
        values = np.concatenate([self.near.seen(near), self.far.seen(far), normal], axis=1)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = np.maximum(values @ weight + bias, 0)
        logit = (values @ self.weights[-1] + self.biases[-1])[:, 0]
        return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))), np.float32)


def windows(values: Floats, side: int, stride: int) -> Floats:
    """The square windows of pictures [n, h, w, c], as rows: [n, h', w', side * side * c]."""
    n, height, width, channels = values.shape
    high, wide = (height - side) // stride + 1, (width - side) // stride + 1
    found = np.empty((n, high, wide, side * side, channels), np.float32)
    for place in range(side * side):
        y, x = divmod(place, side)
        found[:, :, :, place] = values[
            :, y : y + stride * high : stride, x : x + stride * wide : stride
        ]
    return found.reshape(n, high, wide, -1)


@lru_cache
def load_piece_net(name: str) -> PieceNet:
    """Load `models/NAME.npz`, once. Raises `Permanent(model_invalid)`."""
    try:
        with np.load(MODELS / f"{name}.npz", allow_pickle=False) as stored:
            arrays = {key: stored[key].astype(np.float32) for key in stored.files}
        return piece_net(arrays)
    except (OSError, KeyError, ValueError) as error:
        raise Permanent(
            Code.MODEL_INVALID, f"the model {name} is missing or broken; install the package again"
        ) from error


def piece_net(arrays: dict[str, Floats]) -> PieceNet:
    """A net from its arrays by name, as `layers/analysis/training/convnet.py` names them."""

    def all_of(prefix: str) -> tuple[Floats, ...]:
        count = sum(1 for key in arrays if key[:-1] == prefix)
        return tuple(arrays[f"{prefix}{i}"] for i in range(count))

    return PieceNet(
        Tower(all_of("near_k"), all_of("near_b")),
        Tower(all_of("far_k"), all_of("far_b")),
        arrays["mean"],
        arrays["spread"],
        all_of("w"),
        all_of("b"),
    )
