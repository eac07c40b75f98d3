"""From a payload of `embedding` to its result."""

import numpy as np

from analysis.embedding.backend import Backend, Vectors
from analysis.embedding.structure import reranked, structure_of
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
    return embed_with(backend(workspace.remaining() - MARGIN), payload)


def embed_with(engine: Backend, payload: EmbeddingPayload) -> EmbeddingResult:
    """The same with a given backend. Raises `Permanent(model_mismatch)`."""
    if payload.model is not None and payload.model != engine.model:
        raise Permanent(
            Code.MODEL_MISMATCH,
            f"vectors of {payload.model[:80]} cannot be compared with those of {engine.model}",
        )
    every = [*payload.texts, *(text for pair in payload.pairs for text in pair)]
    every += [payload.query] if payload.query is not None else []
    found = _encode(engine, every)
    texts = found[: len(payload.texts)]
    sides = found[len(texts) : len(texts) + 2 * len(payload.pairs)]
    return EmbeddingResult(
        backend=engine.kind,
        model=engine.model,
        dimension=engine.dimension,
        normalized=True,
        vectors=[_listed(vector) if payload.vectors else None for vector in texts],
        skipped=[
            EmbeddingSkipped(index=index, reason="empty")
            for index, vector in enumerate(texts)
            if vector is None
        ],
        pairs=[_pair(sides[i], sides[i + 1]) for i in range(0, len(sides), 2)],
        matches=_ranked(payload, texts, found[-1]) if payload.query is not None else [],
        usage=engine.usage,
    )


def _encode(engine: Backend, texts: list[str]) -> list[Vectors | None]:
    """A vector for each text, None for the empty ones; equal texts are encoded once."""
    bare = [text.strip() for text in texts]
    distinct = sorted({text for text in bare if text})
    if not distinct:
        return [None] * len(bare)
    rows = dict(zip(distinct, engine.encode(distinct), strict=True))
    return [rows.get(text) for text in bare]


def _listed(vector: Vectors | None) -> list[float] | None:
    return None if vector is None else [round(float(value), 7) for value in vector]


def _pair(one: Vectors | None, other: Vectors | None) -> EmbeddingPair:
    if one is None or other is None:
        return EmbeddingPair(cosine=None, score=None)
    cosine = _cosine(one, other)
    return EmbeddingPair(cosine=round(cosine, 6), score=round((cosine + 1) / 2, 6))


def _ranked(
    payload: EmbeddingPayload, texts: list[Vectors | None], query: Vectors | None
) -> list[EmbeddingMatch]:
    if query is None:
        raise Permanent(Code.PAYLOAD_INVALID, "query: an empty text has no neighbours")
    asked = structure_of(payload.query or "")
    matches = []
    for index, vector in enumerate(texts):
        if vector is None:
            continue
        cosine = _cosine(query, vector)
        score = reranked(max(0.0, cosine), asked, structure_of(payload.texts[index]))
        matches.append(EmbeddingMatch(index=index, cosine=round(cosine, 6), score=round(score, 6)))
    return sorted(matches, key=lambda match: -match.score)[: payload.top]


def _cosine(one: Vectors, other: Vectors) -> float:
    return float(np.clip(one @ other, -1.0, 1.0))
