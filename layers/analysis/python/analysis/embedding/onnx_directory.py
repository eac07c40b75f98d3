"""Any sentence-transformers directory: tokenizer.json, model.onnx, and how to pool.

Pooling is read from `1_Pooling/config.json` (mean, cls or max), the prompt before each text from
the `prompts` of `config_sentence_transformers.json`, the longest text from
`sentence_bert_config.json`, as sentence-transformers does. Vectors always have length 1.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.embedding.backend import Vectors, normalised
from analysis.onnx import open_model
from faults import Code, Permanent

BATCH = 32
_MODELS = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
FILES = (
    "tokenizer.json",
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
    *_MODELS,
    "model.onnx_data",
    "onnx/model.onnx_data",
)
"""Every file of a directory that is read."""

_LONGEST = 512


class OnnxDirectory:
    """`path` is the directory; `model` its name with a digest of what shapes its vectors.

    Raises `Permanent(model_invalid)` where a part is missing.
    """

    kind = "onnx"

    def __init__(self, path: Path, threads: int = 1) -> None:
        self.model = f"{path.name}@{_digest(path)}"
        self.usage: dict[str, int] = {}
        self._model = open_model(_model_file(path), threads)
        self._tokenizer = _tokenizer(path, _longest(path))
        self._pooling = _pooling(path)
        self._prompt = _prompt(path)
        self.provider: str | None = self._model.provider
        self.dimension = int(self.encode(["가"]).shape[1])

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as unit vectors; batches hold texts of like length."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        parts = [
            self._batch([self._prompt + texts[index] for index in order[start : start + BATCH]])
            for start in range(0, len(order), BATCH)
        ]
        sorted_vectors = np.concatenate(parts)
        vectors = np.empty_like(sorted_vectors)
        vectors[order] = sorted_vectors
        return normalised(vectors)

    def _batch(self, texts: list[str]) -> Vectors:
        tokens = self._tokenizer.encode_batch(texts)
        given = {
            "input_ids": np.array([token.ids for token in tokens], np.int64),
            "attention_mask": np.array([token.attention_mask for token in tokens], np.int64),
            "token_type_ids": np.array([token.type_ids for token in tokens], np.int64),
        }
        wanted = {item.name for item in self._model.session.get_inputs()}
        outputs = self._model.run({name: given[name] for name in wanted & set(given)})
        return _pooled(outputs[0], given["attention_mask"], self._pooling)


def _pooled(hidden: NDArray[Any], mask: NDArray[np.int64], pooling: str) -> Vectors:
    if hidden.ndim == 2:
        return np.asarray(hidden, np.float32)
    if pooling == "cls":
        return np.asarray(hidden[:, 0], np.float32)
    weight = mask[:, :, None].astype(np.float32)
    if pooling == "max":
        return np.asarray(np.where(weight > 0, hidden, -np.inf).max(axis=1), np.float32)
    return np.asarray((hidden * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1), np.float32)


def _model_file(path: Path) -> Path:
    for name in _MODELS:
        if (path / name).is_file():
            return path / name
    raise Permanent(Code.MODEL_INVALID, f"{path.name}: none of {', '.join(_MODELS)}")


@lru_cache(maxsize=2)
def _tokenizer(path: Path, longest: int) -> Any:
    from tokenizers import Tokenizer

    file = path / "tokenizer.json"
    if not file.is_file():
        raise Permanent(Code.MODEL_INVALID, f"{path.name}: tokenizer.json is missing")
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.enable_truncation(longest)
    tokenizer.enable_padding()
    return tokenizer


def _longest(path: Path) -> int:
    told = _json(path / "sentence_bert_config.json").get("max_seq_length")
    return int(told) if isinstance(told, int) and 0 < told <= 8192 else _LONGEST


def _pooling(path: Path) -> str:
    told = _json(path / "1_Pooling" / "config.json")
    for name, key in (("cls", "pooling_mode_cls_token"), ("max", "pooling_mode_max_tokens")):
        if told.get(key):
            return name
    return "mean"


def _prompt(path: Path) -> str:
    """What stands before each text.

    The default of the `prompts` table; without one the entry for queries, which models trained
    with prompts (the e5 family) want on both sides where texts are compared as equals.
    """
    told = _json(path / "config_sentence_transformers.json")
    prompts = told.get("prompts")
    if not isinstance(prompts, dict):
        return ""
    return str(prompts.get(told.get("default_prompt_name") or "query") or "")


def _digest(path: Path) -> str:
    """Tells directories of one name apart: eight digits of the contents of all files read."""
    digest = hashlib.sha256()
    for name in FILES:
        if (path / name).is_file():
            digest.update(name.encode())
            with (path / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:8]


def _json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
