"""The deployment's one backend: chosen from the settings, never from a job."""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from analysis.embedding.backend import Backend
from faults import Code, Permanent
from functions.language_model import LanguageModelSettings, client
from jobs import wiring
from jobs.model_files import model_folder
from jobs.settings import EnvSettings


class EmbeddingSettings(EnvSettings):
    """`auto` is onnx where a model directory is set, else local: the same for every job.

    `embedding_onnx_path` is a folder in the image or `s3://RESULTS_BUCKET/models/NAME`.
    """

    embedding_backend: Literal["local", "onnx", "openai", "auto"] = "auto"
    embedding_onnx_path: str = ""
    embedding_openai_model: str = "text-embedding-3-small"
    embedding_openai_dimensions: int | None = None
    embedding_threads: int = 1


def backend(remaining: Callable[[], float], settings: EmbeddingSettings | None = None) -> Backend:
    """Build it; `remaining` tells the seconds left for calls over the network.

    Raises `Permanent(not_configured)` where a setting is missing.
    """
    settings = settings or EmbeddingSettings.load()
    kind = settings.embedding_backend
    if kind == "auto":
        kind = "onnx" if settings.embedding_onnx_path else "local"
    if kind == "onnx":
        if not settings.embedding_onnx_path:
            raise Permanent(Code.NOT_CONFIGURED, "set EMBEDDING_ONNX_PATH")
        return _onnx(settings.embedding_onnx_path, settings.embedding_threads)
    if kind == "openai":
        from analysis.embedding.openai_api import OpenAiBackend

        return OpenAiBackend(
            client(LanguageModelSettings.load(), remaining()),
            settings.embedding_openai_model,
            settings.embedding_openai_dimensions,
            remaining,
        )
    from analysis.embedding.local import LocalBackend
    from analysis.embedding.school_reading import SchoolReading

    return SchoolReading(LocalBackend(settings.embedding_threads))


@lru_cache(maxsize=1)
def _onnx(ref: str, threads: int) -> Backend:
    """Open the model once per process."""
    from analysis.embedding.onnx_directory import FILES, OnnxDirectory

    return OnnxDirectory(model_folder(ref, FILES, lambda: wiring.client("s3")), threads)
