"""ONNX networks of true size with random weights, for measuring how fast a machine runs them.

They find and mean nothing: only their shapes and their arithmetic are those of a real detector
and a real sentence encoder. Encoded by hand (onnx.proto3, IR version 8), as `constant` is.
"""

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.generators.detectors.constant import message_field, number_field, text_field, varint

Attribute = int | float | Sequence[int]
_TYPES = {np.dtype(np.float32): 1, np.dtype(np.int64): 7}
VOCABULARY = 2048


class Graph:
    """Nodes and weights as they are added; every name is made here."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []

    def random(self, *shape: int) -> str:
        """A weight matrix that keeps the size of what goes through it."""
        fan_in = shape[0] if len(shape) == 2 else int(np.prod(shape[1:]))
        values = self._rng.standard_normal(shape) / np.sqrt(max(1, fan_in))
        return self.constant(values.astype(np.float32))

    def constant(self, values: NDArray[np.generic]) -> str:
        """A given tensor."""
        name = f"w{len(self._weights)}"
        dims = b"".join(number_field(1, side) for side in values.shape)
        body = dims + number_field(2, _TYPES[values.dtype]) + text_field(8, name)
        self._weights.append(body + message_field(9, values.tobytes()))
        return name

    def node(self, kind: str, *inputs: str, output: str = "", **attributes: Attribute) -> str:
        """Add an operation with one output; returns the output's name."""
        name = output or f"n{len(self._nodes)}"
        body = (
            b"".join(text_field(1, item) for item in inputs)
            + text_field(2, name)
            + text_field(4, kind)
        )
        body += b"".join(message_field(5, _attribute(*item)) for item in attributes.items())
        self._nodes.append(body)
        return name

    def model(
        self, inputs: dict[str, tuple[int, Sequence[int | str]]], output: Sequence[int | str]
    ) -> bytes:
        """The model; `inputs` by name to (element type, shape), one float output named `out`."""
        graph = b"".join(message_field(1, item) for item in self._nodes) + text_field(2, "network")
        graph += b"".join(message_field(5, item) for item in self._weights)
        graph += b"".join(
            message_field(11, _value(name, kind, shape)) for name, (kind, shape) in inputs.items()
        )
        graph += message_field(12, _value("out", 1, output))
        opset = message_field(8, text_field(1, "") + number_field(2, 17))
        return number_field(1, 8) + message_field(7, graph) + opset


def detector(side: int = 640, width: int = 32, seed: int = 1) -> bytes:
    """A one-class detector in the layout of YOLOv8: [n, 3, side, side] -> [n, 5, boxes].

    About 9 GFLOP a picture at 640 px (a multiplication and an addition count as two), where
    YOLOv8-nano has 8.7.
    """
    graph, at, channels = Graph(seed), "images", 3
    for out, deep in [(1, 0), (2, 1), (4, 2), (8, 2), (8, 1)]:
        at = _conv(graph, at, channels, width * out, 3, 2)
        channels = width * out
        for _ in range(deep):
            inner = _conv(graph, at, channels, channels // 2, 1, 1)
            at = graph.node("Add", at, _conv(graph, inner, channels // 2, channels, 3, 1))
    head = graph.node("Conv", at, graph.random(5, channels, 1, 1), kernel_shape=[1, 1])
    flat = graph.constant(np.array([0, 5, -1], np.int64))
    graph.node("Sigmoid", graph.node("Reshape", head, flat), output="out")
    return graph.model({"images": (1, ["n", 3, side, side])}, ["n", 5, "boxes"])


def _conv(graph: Graph, at: str, channels: int, out: int, kernel: int, stride: int) -> str:
    weights = graph.random(out, channels, kernel, kernel)
    pads, strides = [kernel // 2] * 4, [stride, stride]
    found = graph.node(
        "Conv", at, weights, kernel_shape=[kernel, kernel], pads=pads, strides=strides
    )
    return graph.node("Mul", found, graph.node("Sigmoid", found))


def sentence_encoder(folder: Path, layers: int = 12, size: int = 384, seed: int = 2) -> None:
    """Write a directory as sentence-transformers has it, in the size of multilingual-e5-small.

    The tokenizer takes letters one by one.
    """
    (folder / "model.onnx").write_bytes(_encoder(layers, size, seed))
    vocabulary = {"[UNK]": 0, "[PAD]": 1} | {chr(0xAC00 + at): at + 2 for at in range(2000)}
    tokenizer = {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"Regex": "."},
            "behavior": "Isolated",
            "invert": False,
        },
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def _encoder(layers: int, size: int, seed: int) -> bytes:
    graph, heads = Graph(seed), size // 32
    mask = graph.node("Cast", "attention_mask", to=1)
    axes = graph.constant(np.array([1, 2], np.int64))
    seen = graph.node("Unsqueeze", mask, axes)
    one, far = (graph.constant(np.array(value, np.float32)) for value in (1.0, -1e4))
    hidden_words = graph.node("Mul", graph.node("Sub", one, seen), far)
    at = graph.node("Gather", graph.random(VOCABULARY, size), "input_ids")
    for _ in range(layers):
        at = _layer(graph, at, hidden_words, size, heads)
    graph.node("Identity", at, output="out")
    both: Sequence[int | str] = ["n", "words"]
    return graph.model({"input_ids": (7, both), "attention_mask": (7, both)}, [*both, size])


def _layer(graph: Graph, at: str, mask: str, size: int, heads: int) -> str:
    split = graph.constant(np.array([0, 0, heads, size // heads], np.int64))
    query, key, value = (
        graph.node("Reshape", graph.node("MatMul", at, graph.random(size, size)), split)
        for _ in range(3)
    )
    query = graph.node("Transpose", query, perm=[0, 2, 1, 3])
    key = graph.node("Transpose", key, perm=[0, 2, 3, 1])
    value = graph.node("Transpose", value, perm=[0, 2, 1, 3])
    scale = graph.constant(np.array((size / heads) ** -0.5, np.float32))
    scores = graph.node("Mul", graph.node("MatMul", query, key), scale)
    shares = graph.node("Softmax", graph.node("Add", scores, mask), axis=-1)
    mixed = graph.node("Transpose", graph.node("MatMul", shares, value), perm=[0, 2, 1, 3])
    joined = graph.node("Reshape", mixed, graph.constant(np.array([0, 0, size], np.int64)))
    at = _add(graph, at, graph.node("MatMul", joined, graph.random(size, size)), size)
    wide = graph.node("MatMul", at, graph.random(size, 4 * size))
    wide = graph.node("Mul", wide, graph.node("Sigmoid", wide))
    return _add(graph, at, graph.node("MatMul", wide, graph.random(4 * size, size)), size)


def _add(graph: Graph, at: str, more: str, size: int) -> str:
    ones = graph.constant(np.ones(size, np.float32))
    return graph.node("LayerNormalization", graph.node("Add", at, more), ones, axis=-1)


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return (
            text_field(1, name)
            + varint(2 << 3 | 5)
            + struct.pack("<f", value)
            + number_field(20, 1)
        )
    if isinstance(value, int):
        return (
            text_field(1, name) + varint(3 << 3) + varint(value % (1 << 64)) + number_field(20, 2)
        )
    return (
        text_field(1, name)
        + b"".join(number_field(8, item) for item in value)
        + number_field(20, 7)
    )


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(
        message_field(1, number_field(1, side) if isinstance(side, int) else text_field(2, side))
        for side in shape
    )
    return text_field(1, name) + message_field(
        2, message_field(1, number_field(1, kind) + message_field(2, dims))
    )
