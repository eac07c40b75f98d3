"""Small fully connected classifiers, stored as npz, run with numpy alone."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faults import Code, Permanent

MODELS = Path(__file__).parent / "models"

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class SmallNet:
    """ReLU layers and a softmax; inputs are shifted by `mean` and divided by `spread` first."""

    mean: Floats
    spread: Floats
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    classes: tuple[str, ...]

    def probabilities(self, inputs: Floats) -> Floats:
        """Class shares, [n, classes], each row summing to 1, of inputs [n, features]."""
        if not len(inputs):
            return np.zeros((0, len(self.classes)), np.float32)
        values = (inputs - self.mean) / self.spread
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = np.maximum(values @ weight + bias, 0)
        logits = values @ self.weights[-1] + self.biases[-1]
        logits -= logits.max(axis=1, keepdims=True)
        exp = np.exp(logits)
        return np.asarray(exp / exp.sum(axis=1, keepdims=True), np.float32)


@lru_cache
def load_net(name: str) -> SmallNet:
    """Load `models/NAME.npz`, once. Raises `Permanent(model_invalid)`."""
    try:
        with np.load(MODELS / f"{name}.npz", allow_pickle=False) as stored:
            count = sum(1 for key in stored.files if key.startswith("w"))
            return SmallNet(
                mean=stored["mean"].astype(np.float32),
                spread=stored["spread"].astype(np.float32),
                weights=tuple(stored[f"w{i}"].astype(np.float32) for i in range(count)),
                biases=tuple(stored[f"b{i}"].astype(np.float32) for i in range(count)),
                classes=tuple(str(name) for name in stored["classes"]),
            )
    except (OSError, KeyError, ValueError) as error:
        raise Permanent(
            Code.MODEL_INVALID, f"the model {name} is missing or broken; install the package again"
        ) from error
