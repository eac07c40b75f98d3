"""ONNX detectors whose outputs are fixed, encoded by hand (onnx.proto3, IR version 8)."""

import struct
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def constant_model(
    outputs: Sequence[NDArray[np.float32]],
    *,
    size: tuple[int, int] | None = (640, 640),
    metadata: Mapping[str, str] | None = None,
) -> bytes:
    """A model with input `images` [1, 3, h, w] (h, w open for `size` None) and fixed outputs."""
    nodes = [_message(1, _constant(f"out{i}", array)) for i, array in enumerate(outputs)]
    sides: list[int | str] = [1, 3, "h", "w"] if size is None else [1, 3, size[1], size[0]]
    graph = b"".join(
        [
            *nodes,
            _text(2, "constant"),
            _message(11, _value("images", sides)),
            *(_message(12, _value(f"out{i}", list(a.shape))) for i, a in enumerate(outputs)),
        ]
    )
    props = [
        _message(14, _text(1, key) + _text(2, value)) for key, value in (metadata or {}).items()
    ]
    opset = _message(8, _text(1, "") + _number(2, 17))
    return b"".join([_number(1, 8), _message(7, graph), opset, *props])


def _constant(name: str, array: NDArray[np.float32]) -> bytes:
    tensor = b"".join(_number(1, side) for side in array.shape) + _number(2, 1)
    tensor += _message(9, array.astype("<f4").tobytes())
    attribute = _text(1, "value") + _message(5, tensor) + _number(20, 4)
    return _text(2, name) + _text(4, "Constant") + _message(5, attribute)


def _value(name: str, sides: Sequence[int | str]) -> bytes:
    dims = b"".join(
        _message(1, _number(1, side) if isinstance(side, int) else _text(2, side)) for side in sides
    )
    tensor = _number(1, 1) + _message(2, dims)
    return _text(1, name) + _message(2, _message(1, tensor))


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
