"""The drain with an embedding that says when it starts (file STARTED) and takes SLOW seconds."""

import os
import time
from pathlib import Path

from functions.embedding.app import run as embedding
from functions.gpu_drain.main import leave, serve
from jobs.contract.embedding import EmbeddingPayload, EmbeddingResult
from jobs.contract.message import JobType
from jobs.workspace import Workspace


def run(payload: EmbeddingPayload, workspace: Workspace) -> EmbeddingResult:
    Path(os.environ["STARTED"]).touch()
    time.sleep(float(os.environ["SLOW"]))
    return embedding(payload, workspace)


if __name__ == "__main__":
    leave(serve({JobType.EMBEDDING: run}))
