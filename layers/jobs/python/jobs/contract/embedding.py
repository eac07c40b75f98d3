"""Job `embedding`: texts as vectors, pairs compared, similar problems ranked."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from jobs.contract.base import Payload, Result, Score

Text = Annotated[str, StringConstraints(max_length=20_000)]
Texts = Annotated[list[Text], Field(max_length=2048)]


class EmbeddingPayload(Payload):
    """`texts` to encode; or `pairs` to compare; or a `query` to rank `texts` by.

    `model` refuses the job if the deployment answers with another one, so that vectors kept from
    earlier stay comparable.
    """

    texts: Texts = []
    pairs: Annotated[list[tuple[Text, Text]], Field(max_length=1024)] = []
    query: Text | None = None
    top: Annotated[int, Field(ge=1, le=2048)] = 10
    model: str | None = None
    vectors: bool = True

    @model_validator(mode="after")
    def _asks_something(self) -> "EmbeddingPayload":
        if not (self.texts or self.pairs):
            raise ValueError("texts or pairs are needed")
        if self.query is not None and not self.texts:
            raise ValueError("query: texts to rank are needed")
        return self


class EmbeddingPair(Result):
    """Likeness of two texts; None where a text is empty.

    `cosine` -1 to 1; `score` the same as 0-1; `problem_score` 0-1 as problems: what is asked, the
    matter and the formulas weighed in.
    """

    cosine: float | None
    score: Score | None
    problem_score: Score | None = None


class EmbeddingMatch(Result):
    """One text by its place in `texts`; `score` 0-1 is the likeness to the query as a problem."""

    index: int
    cosine: float
    score: Score


class EmbeddingSkipped(Result):
    """A text that has no vector, and why."""

    index: int
    reason: Literal["empty"]


class EmbeddingResult(Result):
    """`vectors` in the order of `texts`, null for the texts in `skipped`.

    `provider` is the ONNX execution provider that ran the model, like `CUDAExecutionProvider`;
    null for backends without an ONNX model.
    """

    backend: Literal["local", "onnx", "openai"]
    provider: str | None = None
    model: str
    dimension: int
    normalized: bool
    vectors: list[list[float] | None]
    skipped: list[EmbeddingSkipped] = []
    pairs: list[EmbeddingPair] = []
    matches: list[EmbeddingMatch] = []
    usage: dict[str, int] = {}
