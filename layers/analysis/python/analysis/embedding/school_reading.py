"""School texts as a small sentence model reads them best.

Each is read twice: as it stands, and with one spelling of formulas, numbers masked and one word for
each meaning. From both readings the mean of school texts and the directions that all of them share
are taken out, so that what is left tells one text from another ("all but the top", Mu and
Viswanath, ICLR 2018). The vector is their sum: the first keeps it right where the list of words has
gaps, and two problems that differ in their numbers alone apart.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.embedding.backend import Backend, Vectors, normalised
from analysis.embedding.vocabulary import canonical
from analysis.embedding.wording import plain

COMMON = 2
"""Shared directions that are taken out."""

COMMON_FILE = Path(__file__).with_name("school_common.npy")
"""What `benchmarks.embedding_common` fits on its tuning texts."""

Common = NDArray[np.float32]
"""Mean and shared directions of each reading: (2, 1 + COMMON, dimension)."""


class SchoolReading:
    """A backend whose texts are read as school texts; its vectors compare only with its own."""

    def __init__(self, engine: Backend, common: Common | None = None) -> None:
        self._engine = engine
        self._common = np.load(COMMON_FILE) if common is None else common
        self.kind = engine.kind
        self.model = f"{engine.model}-school-1"
        self.dimension = engine.dimension
        self.provider = engine.provider
        self.usage = engine.usage

    def encode(self, texts: list[str]) -> Vectors:
        """Encode non-empty texts as unit vectors (n, dimension)."""
        pairs = zip(self._common, readings(texts), strict=True)
        apart = [without(common, self._engine.encode(reading)) for common, reading in pairs]
        return normalised(apart[0] + apart[1])


def readings(texts: list[str]) -> tuple[list[str], list[str]]:
    """The texts as they stand, and in common words."""
    return texts, [canonical(plain(text)) or text for text in texts]


def common_of(vectors: Vectors) -> Vectors:
    """Mean and leading directions (1 + COMMON, dimension) of vectors (n, dimension)."""
    mean = vectors.mean(axis=0, keepdims=True)
    directions = np.linalg.svd(vectors - mean, full_matrices=False)[2][:COMMON]
    return np.concatenate([mean, directions]).astype(np.float32)


def without(common: Vectors, vectors: Vectors) -> Vectors:
    """Vectors (n, dimension) less what is common (1 + COMMON, dimension), as unit vectors."""
    rest = vectors - common[0]
    return normalised(rest - (rest @ common[1:].T) @ common[1:])
