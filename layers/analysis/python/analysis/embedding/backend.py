"""What every backend offers; vectors of two backends are never compared."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Backend(Protocol):
    """`kind` local, onnx or openai; `model` names the weights; `dimension` of its vectors.

    `provider` is the ONNX execution provider, None for a backend without an ONNX model.
    """

    kind: str
    model: str
    dimension: int
    usage: dict[str, int]
    provider: str | None

    def encode(self, texts: list[str]) -> Vectors:
        """Encode non-empty texts as unit vectors (n, dimension), float32, in their order."""
        ...


def normalised(vectors: Vectors) -> Vectors:
    """Scale rows to length 1; a row of zeros stays."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)
