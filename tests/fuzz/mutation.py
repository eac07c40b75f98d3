"""Making bad inputs from good ones: in bytes, and in the structure of JSON."""

import json
from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any

_INTERESTING = [0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]
_ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63), 10**400, 0.5, -0.0, 1e308,
    float("nan"), float("inf"), "", " ", "0", "-1", "nan", "None", "\x00", "\ud7ff", "가" * 50,
    "x" * 5000, "../../etc/passwd", "https://a/?X-Amz-Signature=1", "{}", "1" * 400, "9" * 5000,
    [], [[]], {},
    {"": None}, [None], [0] * 300, {"a": {"a": {"a": {}}}}, "true", "１２", "2026-13-45T99:99:99Z",
]  # fmt: skip


def mutated_bytes(rng: Random, corpus: Sequence[bytes]) -> bytes:
    """One to five changes to one of the corpus, or a splice of two."""
    data = bytearray(rng.choice(corpus))
    for _ in range(rng.randint(1, 5)):
        rng.choice(_BYTE_CHANGES)(rng, data)
    if rng.random() < 0.1:
        other = rng.choice(corpus)
        data = data[: rng.randint(0, len(data))] + other[rng.randint(0, len(other)) :]
    return bytes(data)


def mutated_json(rng: Random, corpus: Sequence[Any]) -> Any:
    """One to three nodes of one of the corpus removed, repeated, renamed or replaced."""
    value = json.loads(json.dumps(rng.choice(corpus)))
    for _ in range(rng.randint(1, 3)):
        value = _changed(rng, value)
    return value


def _changed(rng: Random, value: Any) -> Any:
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        if rng.random() < 0.15:
            del value[name]
        elif rng.random() < 0.1:
            value[rng.choice(["", name.upper(), name + " ", "\x00", "__proto__"])] = value[name]
        else:
            value[name] = _changed(rng, value[name])
        return value
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        if rng.random() < 0.15:
            del value[at]
        elif rng.random() < 0.1:
            value *= rng.choice([2, 50])
        else:
            value[at] = _changed(rng, value[at])
        return value
    if isinstance(value, int | float) and abs(value) < 1e300 and rng.random() < 0.5:
        return value * rng.choice([-1, 0, 1e-9, 1.0000001, 10, 1e6])
    return deepcopy(rng.choice(_ODD))


def _flip(rng: Random, data: bytearray) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _overwrite(rng: Random, data: bytearray) -> None:
    size = rng.choice([1, 2, 4])
    if len(data) >= size:
        at = rng.randrange(len(data) - size + 1)
        number = rng.choice(_INTERESTING) & ((1 << 8 * size) - 1)
        data[at : at + size] = number.to_bytes(size, rng.choice(["little", "big"]))


def _insert(rng: Random, data: bytearray) -> None:
    at = rng.randint(0, len(data))
    data[at:at] = rng.randbytes(rng.choice([1, 2, 8, 64]))


def _cut(rng: Random, data: bytearray) -> None:
    at = rng.randint(0, len(data))
    del data[at : at + rng.choice([1, 4, 32, len(data)])]


def _repeat(rng: Random, data: bytearray) -> None:
    at = rng.randint(0, len(data))
    data[at:at] = data[at : at + rng.choice([1, 4, 32, 200])] * rng.choice([1, 2, 10])


def _scramble_head(rng: Random, data: bytearray) -> None:
    if len(data) > 4:
        data[rng.randrange(min(64, len(data)))] = rng.randrange(256)


_BYTE_CHANGES = (_flip, _overwrite, _insert, _cut, _repeat, _scramble_head)
