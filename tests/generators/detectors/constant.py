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
    nodes = [message_field(1, _constant(f"out{i}", array)) for i, array in enumerate(outputs)]
    sides: list[int | str] = [1, 3, "h", "w"] if size is None else [1, 3, size[1], size[0]]
    graph = b"".join(
        [
            *nodes,
            text_field(2, "constant"),
            message_field(11, _value("images", sides)),
            *(message_field(12, _value(f"out{i}", list(a.shape))) for i, a in enumerate(outputs)),
        ]
    )
    props = [
        message_field(14, text_field(1, key) + text_field(2, value))
        for key, value in (metadata or {}).items()
    ]
    opset = message_field(8, text_field(1, "") + number_field(2, 17))
    return b"".join([number_field(1, 8), message_field(7, graph), opset, *props])


def _constant(name: str, array: NDArray[np.float32]) -> bytes:
    tensor = b"".join(number_field(1, side) for side in array.shape) + number_field(2, 1)
    tensor += message_field(9, array.astype("<f4").tobytes())
    attribute = text_field(1, "value") + message_field(5, tensor) + number_field(20, 4)
    return text_field(2, name) + text_field(4, "Constant") + message_field(5, attribute)


def _value(name: str, sides: Sequence[int | str]) -> bytes:
    dims = b"".join(
        message_field(1, number_field(1, side) if isinstance(side, int) else text_field(2, side))
        for side in sides
    )
    tensor = number_field(1, 1) + message_field(2, dims)
    return text_field(1, name) + message_field(2, message_field(1, tensor))


def varint(value: int) -> bytes:
    """An unsigned number in base 128."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + struct.pack("B", value)


def number_field(field: int, value: int) -> bytes:
    """A field that holds a number."""
    return varint(field << 3) + varint(value)


def message_field(field: int, body: bytes) -> bytes:
    """A field that holds bytes or another message."""
    return varint(field << 3 | 2) + varint(len(body)) + body


def text_field(field: int, value: str) -> bytes:
    """A field that holds a text."""
    return message_field(field, value.encode())
