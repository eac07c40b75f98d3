"""Job `embedding`: texts as vectors."""

from typing import Annotated, Literal

from pydantic import Field

from jobs.contract.base import Payload, Result


class EmbeddingPayload(Payload):
    """1-2,048 texts."""

    texts: Annotated[list[str], Field(min_length=1, max_length=2048)]


class EmbeddingResult(Result):
    """`vectors` in the order of `texts`."""

    backend: Literal["local", "onnx", "openai"]
    vectors: list[list[float] | None]
