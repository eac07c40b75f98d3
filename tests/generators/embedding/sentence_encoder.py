"""A sentence-transformers directory of random weights: an embedding table, encoded by hand.

The graph is `Gather(table, input_ids)`; pooling, prompts and truncation are left to the reader, as
in the real ones (onnx.proto3, IR version 8).
"""

import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers

FLOAT, INT64 = 1, 7
WORDS = ["[UNK]", "[PAD]", "query:", "passage:", "원", "넓이", "지진", "까닭", "삼각형", "둘레"]
WIDTH = 6


def table(seed: int = 1) -> NDArray[np.float32]:
    """The vectors of the words, (words, width)."""
    return np.random.default_rng(seed).normal(size=(len(WORDS), WIDTH)).astype(np.float32)


def write_directory(
    folder: Path,
    *,
    pooling: str = "mean_tokens",
    prompts: dict[str, str] | None = None,
    default_prompt: str | None = None,
    longest: int = 8,
    seed: int = 1,
    nested: bool = False,
) -> Path:
    """Write the directory; `nested` puts the model into `onnx/`."""
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    (folder / "onnx").mkdir(exist_ok=True)
    (folder / ("onnx/model.onnx" if nested else "model.onnx")).write_bytes(_model(table(seed)))
    vocabulary = {word: index for index, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    told = {
        "1_Pooling/config.json": {f"pooling_mode_{pooling}": True},
        "config_sentence_transformers.json": {
            "prompts": prompts or {},
            "default_prompt_name": default_prompt,
        },
        "sentence_bert_config.json": {"max_seq_length": longest},
    }
    for name, value in told.items():
        (folder / name).write_text(json.dumps(value), "utf-8")
    return folder


def _model(weights: NDArray[np.float32]) -> bytes:
    tensor = b"".join(_number(1, side) for side in weights.shape) + _number(2, FLOAT)
    tensor += _text(8, "table") + _message(9, weights.astype("<f4").tobytes())
    node = _text(1, "table") + _text(1, "input_ids") + _text(2, "last_hidden_state")
    graph = b"".join(
        [
            _message(1, node + _text(4, "Gather")),
            _text(2, "encoder"),
            _message(5, tensor),
            _message(11, _value("input_ids", INT64, ["batch", "length"])),
            _message(11, _value("attention_mask", INT64, ["batch", "length"])),
            _message(12, _value("last_hidden_state", FLOAT, ["batch", "length", WIDTH])),
        ]
    )
    return b"".join([_number(1, 8), _message(7, graph), _message(8, _text(1, "") + _number(2, 17))])


def _value(name: str, kind: int, sides: list[int | str]) -> bytes:
    dims = b"".join(
        _message(1, _number(1, side) if isinstance(side, int) else _text(2, side)) for side in sides
    )
    return _text(1, name) + _message(2, _message(1, _number(1, kind) + _message(2, dims)))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + struct.pack("B", value)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body


def _text(field: int, value: str) -> bytes:
    return _message(field, value.encode())
