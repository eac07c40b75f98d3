"""Training of small ReLU classifiers with numpy alone: Adam, dropout, soft learning rate."""

import itertools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

Trained = tuple[Floats, Floats, list[Floats], list[Floats]]
"""Mean and spread of the inputs, weights and biases of the layers."""


def train(
    inputs: Floats,
    labels: NDArray[np.int64],
    hidden: tuple[int, ...],
    classes: int,
    *,
    epochs: int,
    rng: np.random.Generator,
    weights: Floats | None = None,
    rate: float = 2e-3,
    decay: float = 1e-5,
    dropout: float = 0.1,
) -> Trained:
    """Return mean, spread, layer weights and biases of a trained classifier.

    `weights` are per-sample weights of the loss. The rate falls to zero as a cosine.
    """
    mean = inputs.mean(axis=0)
    spread = np.maximum(inputs.std(axis=0), 0.05).astype(np.float32)
    normal = ((inputs - mean) / spread).astype(np.float32)
    sizes = (inputs.shape[1], *hidden, classes)
    layers = [
        rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32)
        for a, b in itertools.pairwise(sizes)
    ]
    biases = [np.zeros(size, np.float32) for size in sizes[1:]]
    params = [*layers, *biases]
    first = [np.zeros_like(p) for p in params]
    second = [np.zeros_like(p) for p in params]
    batch, depth, step = 256, len(layers), 0
    total = epochs * (len(normal) // batch)
    loss_weight = np.ones(len(normal), np.float32) if weights is None else weights
    for epoch in range(epochs):
        order = rng.permutation(len(normal))
        seen = 0.0
        for start in range(0, len(order) - batch + 1, batch):
            pick = order[start : start + batch]
            grads, loss = _gradients(
                normal[pick], labels[pick], loss_weight[pick], layers, biases, dropout, rng
            )
            seen += loss
            step += 1
            now = rate * 0.5 * (1 + np.cos(np.pi * step / total))
            for i, (param, grad) in enumerate(zip(params, grads, strict=True)):
                first[i] += 0.1 * (grad - first[i])
                second[i] += 0.001 * (grad * grad - second[i])
                corrected = first[i] / (1 - 0.9**step)
                scale = np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8
                param -= now * (corrected / scale + (decay * param if i < depth else 0))
        print(
            f"epoch {epoch + 1}/{epochs} loss {seen / max(1, len(order) // batch):.4f}", flush=True
        )
    return mean.astype(np.float32), spread, layers, biases


def _gradients(
    x: Floats,
    y: NDArray[np.int64],
    weight: Floats,
    layers: list[Floats],
    biases: list[Floats],
    dropout: float,
    rng: np.random.Generator,
) -> tuple[list[Floats], float]:
    values, masks = [x], []
    for matrix, bias in zip(layers[:-1], biases[:-1], strict=True):
        out = values[-1] @ matrix + bias
        keep = ((out > 0) & (rng.random(out.shape) >= dropout)).astype(np.float32) / (1 - dropout)
        masks.append(keep)
        values.append(out * keep)
    logits = values[-1] @ layers[-1] + biases[-1]
    logits -= logits.max(axis=1, keepdims=True)
    share = np.exp(logits)
    share /= share.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = float(-(weight * np.log(share[rows, y] + 1e-9)).mean())
    delta = share
    delta[rows, y] -= 1
    delta *= weight[:, None] / len(y)
    grads_w: list[Floats] = []
    grads_b: list[Floats] = []
    for index in range(len(layers) - 1, -1, -1):
        grads_w.insert(0, values[index].T @ delta)
        grads_b.insert(0, delta.sum(axis=0))
        if index:
            delta = (delta @ layers[index].T) * masks[index - 1]
    return [*grads_w, *grads_b], loss


def save(
    path: Path,
    classes: tuple[str, ...],
    net: Trained,
) -> None:
    """Write a net as half-precision npz for `analysis.small_net`."""
    mean, spread, layers, biases = net
    arrays = {"mean": mean.astype(np.float16), "spread": spread.astype(np.float16)}
    for index, (weight, bias) in enumerate(zip(layers, biases, strict=True)):
        arrays[f"w{index}"] = weight.astype(np.float16)
        arrays[f"b{index}"] = bias.astype(np.float16)
    np.savez_compressed(path, classes=np.array(classes), **arrays)
