"""Training of `analysis.piece_net` with numpy alone: Adam, dropout, the rate falls as a cosine."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.piece_net import STRIDES, windows

Floats = NDArray[np.float32]
Params = dict[str, Floats]

_CHANNELS = (8, 16, 24)
_SIDES = (5, 3, 3)
_HIDDEN = 48
_BATCH = 256
_DROPOUT = 0.25

_UNMEASURED = 0.15
"""Share of examples told by their pictures alone, so that the net learns to look."""


@dataclass(frozen=True)
class Examples:
    """n pieces: pictures uint8 [n, side, side, channels], numbers [n, count], 1 for a hand's."""

    near: NDArray[np.uint8]
    far: NDArray[np.uint8]
    numbers: Floats
    hand: NDArray[np.int64]


def train(
    examples: Examples,
    drawn: Iterator[NDArray[np.int_]],
    epochs: int,
    rng: np.random.Generator,
    rate: float = 2e-3,
    begun: Params | None = None,
) -> Params:
    """Return the arrays of a net; `drawn` gives the examples of each epoch, `begun` a net to go on
    from."""
    params = _initial(examples, rng) if begun is None else {k: v.copy() for k, v in begun.items()}
    trained = [key for key in params if key not in ("mean", "spread")]
    first = {key: np.zeros_like(params[key]) for key in trained}
    second = {key: np.zeros_like(params[key]) for key in trained}
    orders = [next(drawn) for _ in range(epochs)]
    total, step = sum(len(order) // _BATCH for order in orders), 0
    for epoch, order in enumerate(orders):
        seen = 0.0
        for start in range(0, len(order) - _BATCH + 1, _BATCH):
            pick = order[start : start + _BATCH]
            grads, loss = gradients(params, examples, pick, rng)
            seen += loss
            step += 1
            now = rate * 0.5 * (1 + np.cos(np.pi * step / total)) + 1e-6
            for key in trained:
                grad = grads[key]
                first[key] += 0.1 * (grad - first[key])
                second[key] += 0.001 * (grad * grad - second[key])
                scale = np.sqrt(second[key] / (1 - 0.999**step)) + 1e-8
                decay = 1e-3 * params[key] if "b" not in key else 0
                params[key] -= (now * (first[key] / (1 - 0.9**step) / scale + decay)).astype(
                    np.float32
                )
        print(f"epoch {epoch + 1}/{epochs} loss {seen / max(1, len(order) // _BATCH):.4f}",
              flush=True)  # fmt: skip
    return params


def gradients(
    params: Params, examples: Examples, pick: NDArray[np.int_], rng: np.random.Generator | None
) -> tuple[Params, float]:
    """Gradients of the mean cross-entropy of some examples, and that; dropout with an `rng`."""
    grads: Params = {}
    near, near_trace = _forward(params, "near", _lit(examples.near[pick], rng))
    far, far_trace = _forward(params, "far", _lit(examples.far[pick], rng))
    normal = (examples.numbers[pick] - params["mean"]) / params["spread"]
    if rng is not None:
        normal *= rng.random((len(pick), 1)) >= _UNMEASURED
    joint = np.concatenate([near, far, normal], axis=1)
    kept = _kept(joint.shape, rng)
    joint = joint * kept
    hidden = np.maximum(joint @ params["w0"] + params["b0"], 0)
    open_ = (hidden > 0) * _kept(hidden.shape, rng)
    hidden = hidden * open_
    logit = (hidden @ params["w1"] + params["b1"])[:, 0]
    truth = examples.hand[pick].astype(np.float32)
    chance = 1 / (1 + np.exp(-logit))
    loss = float(np.mean(np.logaddexp(0, logit) - truth * logit))
    delta = ((chance - truth) / len(pick))[:, None].astype(np.float32)
    grads["w1"], grads["b1"] = hidden.T @ delta, delta.sum(axis=0)
    delta = (delta @ params["w1"].T) * open_
    grads["w0"], grads["b0"] = joint.T @ delta, delta.sum(axis=0)
    delta = (delta @ params["w0"].T) * kept
    _backward(params, "near", near_trace, delta[:, : near.shape[1]], grads)
    _backward(params, "far", far_trace, delta[:, near.shape[1] : -normal.shape[1]], grads)
    return grads, loss


def save(path: Path, params: Params) -> None:
    """Write a net in half precision."""
    halves = {key: value.astype(np.float16) for key, value in params.items()}
    np.savez_compressed(path, **halves)


def _initial(examples: Examples, rng: np.random.Generator) -> Params:
    params: Params = {}
    values = examples.numbers.shape[1]
    for tower, pictures in (("near", examples.near), ("far", examples.far)):
        channels, side = pictures.shape[3], pictures.shape[1]
        for layer, (size, to, stride) in enumerate(zip(_SIDES, _CHANNELS, STRIDES, strict=True)):
            spread = np.sqrt(2 / (size * size * channels))
            shape = (size, size, channels, to)
            params[f"{tower}_k{layer}"] = rng.normal(0, spread, shape).astype(np.float32)
            params[f"{tower}_b{layer}"] = np.zeros(to, np.float32)
            channels, side = to, (side - size) // stride + 1
        values += side * side * channels
    for layer, (size, to) in enumerate(((values, _HIDDEN), (_HIDDEN, 1))):
        params[f"w{layer}"] = rng.normal(0, np.sqrt(2 / size), (size, to)).astype(np.float32)
        params[f"b{layer}"] = np.zeros(to, np.float32)
    params["mean"] = examples.numbers.mean(axis=0).astype(np.float32)
    params["spread"] = np.maximum(examples.numbers.std(axis=0), 0.05).astype(np.float32)
    return params


def _lit(pictures: NDArray[np.uint8], rng: np.random.Generator | None) -> Floats:
    """Pictures 0-1, in training some darker and some paler than they are."""
    values: Floats = pictures.astype(np.float32) / 255
    if rng is None:
        return values
    gain = rng.uniform(0.7, 1.2, (len(values), 1, 1, 1)).astype(np.float32)
    return np.minimum(values * gain, 1)


def _kept(shape: tuple[int, ...], rng: np.random.Generator | None) -> Floats:
    if rng is None:
        return np.ones(shape, np.float32)
    return (rng.random(shape, np.float32) >= _DROPOUT).astype(np.float32) / (1 - _DROPOUT)


_Trace = list[tuple[tuple[int, ...], Floats, Floats]]
"""Of each convolution: shape of its input, its windows, its output."""


def _forward(params: Params, tower: str, values: Floats) -> tuple[Floats, _Trace]:
    trace: _Trace = []
    for layer, stride in enumerate(STRIDES):
        kernel = params[f"{tower}_k{layer}"]
        columns = windows(values, kernel.shape[0], stride)
        out = columns @ kernel.reshape(-1, kernel.shape[3]) + params[f"{tower}_b{layer}"]
        out = np.maximum(out, 0)
        trace.append((values.shape, columns, out))
        values = out
    return values.reshape(len(values), -1), trace


def _backward(params: Params, tower: str, trace: _Trace, delta: Floats, grads: Params) -> None:
    for layer in range(len(STRIDES) - 1, -1, -1):
        shape, columns, out = trace[layer]
        kernel, stride = params[f"{tower}_k{layer}"], STRIDES[layer]
        side, _, channels, to = kernel.shape
        delta = delta.reshape(out.shape) * (out > 0)
        flat = delta.reshape(-1, to)
        grads[f"{tower}_k{layer}"] = (columns.reshape(len(flat), -1).T @ flat).reshape(kernel.shape)
        grads[f"{tower}_b{layer}"] = flat.sum(axis=0)
        if not layer:
            return
        back = (flat @ kernel.reshape(-1, to).T).reshape(*out.shape[:3], side * side, channels)
        spread = np.zeros(shape, np.float32)
        high, wide = out.shape[1:3]
        for place in range(side * side):
            y, x = divmod(place, side)
            spread[:, y : y + stride * high : stride, x : x + stride * wide : stride] += back[
                :, :, :, place
            ]
        delta = spread
