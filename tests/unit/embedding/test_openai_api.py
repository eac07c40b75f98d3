"""The API backend keeps order and limits, against a real HTTP server."""

from typing import Any

import numpy as np
import pytest

from analysis.embedding.openai_api import OpenAiBackend
from faults import Code, Permanent, Unavailable
from tests.unit.problem.conftest import Provider, provider

__all__ = ["provider"]


def vectors(body: dict[str, Any]) -> Any:
    """Answer out of order, base64 or plain as asked."""
    import base64

    data = []
    for index, text in reversed(list(enumerate(body["input"]))):
        values = np.array([len(text), 1.0], np.float32)
        plain = body.get("encoding_format") != "base64"
        value = values.tolist() if plain else base64.b64encode(values.tobytes()).decode()
        data.append({"object": "embedding", "index": index, "embedding": value})
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    return (200, {}, {"object": "list", "data": data, "model": "m", "usage": usage})


def test_order_is_kept_and_usage_added_up(provider: Provider) -> None:
    provider.script = [vectors]
    engine = OpenAiBackend(provider.client(), "m")
    texts = ["가" * (index + 1) for index in range(2050)]
    found = engine.encode(texts)
    lengths = found[:, 0] / found[:, 1]
    assert np.allclose(lengths, [len(text) for text in texts], rtol=1e-3)
    assert len(provider.requests) > 1
    assert engine.usage["total_tokens"] == 3 * len(provider.requests)
    assert max(len(request["input"]) for request in provider.requests) <= 2048


def test_a_missing_vector_is_an_error(provider: Provider) -> None:
    def short(body: dict[str, Any]) -> Any:
        status, headers, answer = vectors(body)
        return (status, headers, answer | {"data": answer["data"][1:]})

    provider.script = [short]
    with pytest.raises(Permanent) as caught:
        OpenAiBackend(provider.client(), "m").encode(["가", "나"])
    assert caught.value.code is Code.MODEL_OUTPUT_INVALID


def test_too_many_requests_name_their_patience(provider: Provider) -> None:
    provider.script = [(429, {"Retry-After": "5"}, {"error": {"message": "slow"}})]
    with pytest.raises(Unavailable) as caught:
        OpenAiBackend(provider.client(), "m").encode(["가"])
    assert caught.value.retry_after == 5.0
