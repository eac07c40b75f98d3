"""Vectors are comparable, in order, and honest about what has none."""

from functools import partial

import numpy as np
import pytest

from analysis.embedding.backend import Vectors
from analysis.embedding.local import LocalBackend
from faults import Code, Permanent
from functions.embedding.answer import embed_with
from functions.embedding.backend_choice import EmbeddingSettings, backend
from jobs.contract.embedding import EmbeddingPayload

TEXTS = [
    "이차방정식 x^2 - 5x + 6 = 0 의 두 근의 합을 구하시오.",
    "",
    "다음 글의 주제로 가장 적절한 것은?",
    "이차방정식 x^2 - 3x + 2 = 0 의 두 근의 합은?",
]

MINUTE = partial(float, 60)


@pytest.fixture(scope="module")
def local() -> LocalBackend:
    return LocalBackend()


def test_vectors_come_in_order_and_an_empty_text_has_none(local: LocalBackend) -> None:
    result = embed_with(local, EmbeddingPayload(texts=TEXTS))
    assert [vector is None for vector in result.vectors] == [False, True, False, False]
    assert [(item.index, item.reason) for item in result.skipped] == [(1, "empty")]
    assert (result.backend, result.dimension, result.normalized) == ("local", 512, True)
    for text, vector in zip(TEXTS, result.vectors, strict=True):
        if vector is not None:
            assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)
            assert np.allclose(vector, local.encode([text])[0], atol=1e-5)


def test_paraphrases_are_nearer_than_strangers(local: LocalBackend) -> None:
    pairs = [(TEXTS[0], TEXTS[3]), (TEXTS[0], TEXTS[2]), ("", "x")]
    alike, strange, empty = embed_with(local, EmbeddingPayload(pairs=pairs)).pairs
    assert alike.cosine > strange.cosine + 0.2
    assert alike.score == pytest.approx((alike.cosine + 1) / 2, abs=1e-6)
    assert alike.problem_score > strange.problem_score + 0.2
    assert empty.cosine is None
    assert empty.problem_score is None


def test_a_query_ranks_the_like_problem_first(local: LocalBackend) -> None:
    payload = EmbeddingPayload(
        texts=TEXTS, query="이차방정식 x^2 - 7x + 10 = 0 의 두 근의 합은?", vectors=False, top=2
    )
    result = embed_with(local, payload)
    assert {match.index for match in result.matches} == {0, 3}
    assert result.vectors == [None] * 4


def test_vectors_of_another_model_are_refused(local: LocalBackend) -> None:
    with pytest.raises(Permanent) as caught:
        embed_with(local, EmbeddingPayload(texts=["가"], model="text-embedding-3-small"))
    assert caught.value.code is Code.MODEL_MISMATCH


def test_the_same_text_is_encoded_once() -> None:
    class Counting:
        kind, model, dimension = "local", "counting", 2
        provider: str | None = None

        def __init__(self) -> None:
            self.usage: dict[str, int] = {}
            self.seen: list[str] = []

        def encode(self, texts: list[str]) -> Vectors:
            self.seen += texts
            return np.ones((len(texts), 2), np.float32)

    engine = Counting()
    embed_with(engine, EmbeddingPayload(texts=["가", " 가 ", "나"]))
    assert sorted(engine.seen) == ["가", "나"]


def test_auto_is_one_choice_for_the_deployment() -> None:
    assert backend(MINUTE, EmbeddingSettings()).kind == "local"
    with pytest.raises(Permanent) as caught:
        backend(MINUTE, EmbeddingSettings(embedding_backend="openai"))
    assert caught.value.code is Code.NOT_CONFIGURED
    with pytest.raises(Permanent):
        backend(MINUTE, EmbeddingSettings(embedding_onnx_path="/nowhere"))
