"""Job `embedding`: texts as vectors, pairs compared, similar problems ranked."""

from functions.embedding.answer import embed
from jobs.contract.embedding import EmbeddingPayload, EmbeddingResult
from jobs.contract.message import JobType
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: EmbeddingPayload, workspace: Workspace) -> EmbeddingResult:
    """Encode with the deployment's one backend."""
    return embed(payload, workspace)


handler = job_handler(JobType.EMBEDDING, run)
