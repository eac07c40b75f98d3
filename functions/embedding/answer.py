"""From a payload of `embedding` to its result."""

from dataclasses import dataclass

import numpy as np

from analysis.embedding.backend import Backend, Vectors
from analysis.embedding.structure import Structure, likeness, structure_of
from faults import Code, Permanent
from functions.embedding.backend_choice import backend
from jobs.contract.embedding import (
    EmbeddingMatch,
    EmbeddingPair,
    EmbeddingPayload,
    EmbeddingResult,
    EmbeddingSkipped,
)
from jobs.workspace import Workspace

MARGIN = 10.0
"""s kept free of the network for writing the result."""


def embed(payload: EmbeddingPayload, workspace: Workspace) -> EmbeddingResult:
    """Encode, compare and rank with the deployment's backend."""
    return embed_with(backend(lambda: workspace.remaining() - MARGIN), payload)


def embed_with(engine: Backend, payload: EmbeddingPayload) -> EmbeddingResult:
    """The same with a given backend. Raises `Permanent(model_mismatch)`."""
    if payload.model is not None and payload.model != engine.model:
        raise Permanent(
            Code.MODEL_MISMATCH,
            f"vectors of {payload.model[:80]} cannot be compared with those of {engine.model}",
        )
    compared = [text for pair in payload.pairs for text in pair]
    compared += [payload.query] if payload.query is not None else []
    ranked = payload.texts if payload.query is not None else []
    structures = {text: structure_of(text) for text in {*compared, *ranked}}
    gists = [structure.gist for structure in structures.values()]
    vectors = _encode(engine, [*payload.texts, *compared, *gists])
    known = Known(vectors, structures)
    texts = [vectors.get(text.strip()) for text in payload.texts]
    return EmbeddingResult(
        backend=engine.kind,
        provider=engine.provider,
        model=engine.model,
        dimension=engine.dimension,
        normalized=True,
        vectors=[_listed(vector) if payload.vectors else None for vector in texts],
        skipped=[
            EmbeddingSkipped(index=index, reason="empty")
            for index, vector in enumerate(texts)
            if vector is None
        ],
        pairs=[_pair(known, one, other) for one, other in payload.pairs],
        matches=_ranked(known, payload.query, payload) if payload.query is not None else [],
        usage=engine.usage,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Vectors by bare text, structures by text as given."""

    vectors: dict[str, Vectors]
    structures: dict[str, Structure]

    def cosine(self, one: str, other: str) -> float | None:
        """Cosine of two texts, -1 to 1; None where one is empty."""
        first, second = self.vectors.get(one.strip()), self.vectors.get(other.strip())
        if first is None or second is None:
            return None
        return float(np.clip(first @ second, -1.0, 1.0))

    def likeness(self, one: str, other: str, cosine: float) -> float:
        """Score 0-1 of two problems that are not empty."""
        first, second = self.structures[one], self.structures[other]
        return likeness(first, second, cosine, self.cosine(first.gist, second.gist) or 0.0)


def _encode(engine: Backend, texts: list[str]) -> dict[str, Vectors]:
    """A vector for each distinct bare text that is not empty."""
    distinct = sorted({text.strip() for text in texts} - {""})
    return dict(zip(distinct, engine.encode(distinct), strict=True)) if distinct else {}


def _listed(vector: Vectors | None) -> list[float] | None:
    return None if vector is None else [round(float(value), 7) for value in vector]


def _pair(known: Known, one: str, other: str) -> EmbeddingPair:
    cosine = known.cosine(one, other)
    if cosine is None:
        return EmbeddingPair(cosine=None, score=None, problem_score=None)
    return EmbeddingPair(
        cosine=round(cosine, 6),
        score=round((cosine + 1) / 2, 6),
        problem_score=round(known.likeness(one, other, cosine), 6),
    )


def _ranked(known: Known, query: str, payload: EmbeddingPayload) -> list[EmbeddingMatch]:
    if not query.strip():
        raise Permanent(Code.PAYLOAD_INVALID, "query: an empty text has no neighbours")
    matches = []
    for index, text in enumerate(payload.texts):
        cosine = known.cosine(query, text)
        if cosine is not None:
            score = round(known.likeness(query, text, cosine), 6)
            matches.append(EmbeddingMatch(index=index, cosine=round(cosine, 6), score=score))
    return sorted(matches, key=lambda match: -match.score)[: payload.top]
