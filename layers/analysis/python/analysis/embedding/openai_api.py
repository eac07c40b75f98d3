"""Embeddings of an OpenAI-compatible API, in its limits and in order."""

from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.embedding.backend import Vectors, normalised
from analysis.provider_call import call
from faults import Code, Permanent

MAX_INPUTS = 2048
"""Inputs of one request; the API's documented limit."""

MAX_CHARACTERS = 200_000
"""Characters of one request: below the API's 300,000 tokens, as Hangul is a token or more."""


class OpenAiBackend:
    """`client` is an `openai.OpenAI`; `dimensions` None for the model's own.

    `remaining` tells the seconds left for all requests together. `model` names the dimensions
    too, as vectors cut to different lengths cannot be compared.
    """

    kind = "openai"

    def __init__(
        self,
        client: Any,
        model: str,
        dimensions: int | None = None,
        remaining: Callable[[], float] = lambda: 60.0,
    ) -> None:
        self._client = client
        self._name = model
        self._dimensions = dimensions
        self._remaining = remaining
        self.model = f"{model}@{dimensions}" if dimensions else model
        self.dimension = dimensions or 0
        self.provider: str | None = None
        self.usage: dict[str, int] = {"prompt_tokens": 0, "total_tokens": 0}

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as unit vectors. Raises as `provider_call.call`."""
        vectors = np.concatenate([self._request(part) for part in _parts(texts)])
        self.dimension = int(vectors.shape[1])
        return normalised(vectors)

    def _request(self, texts: list[str]) -> Vectors:
        wish = {"dimensions": self._dimensions} if self._dimensions else {}
        answer = call(
            self._remaining,
            lambda seconds: self._client.embeddings.create(
                model=self._name, input=texts, timeout=seconds, **wish
            ),
        )
        by_place = {item.index: item.embedding for item in answer.data}
        if set(by_place) != set(range(len(texts))):
            raise Permanent(Code.MODEL_OUTPUT_INVALID, "the API left out vectors")
        if answer.usage is not None:
            self.usage["prompt_tokens"] += answer.usage.prompt_tokens
            self.usage["total_tokens"] += answer.usage.total_tokens
        return np.array([by_place[index] for index in range(len(texts))], np.float32)


def _parts(texts: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    characters = 0
    for text in texts:
        if parts[-1] and (len(parts[-1]) == MAX_INPUTS or characters + len(text) > MAX_CHARACTERS):
            parts.append([])
            characters = 0
        parts[-1].append(text)
        characters += len(text)
    return parts
