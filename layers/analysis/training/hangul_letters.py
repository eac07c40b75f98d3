"""Train the net that reads single Hangul letters; writes models/hangul_letters.npz.

Letters, and digits, Latin letters and syllables that are none, are rendered in the fonts of the
Debian packages named in `fonts`, degraded like scans and photographs and cut by the shipped code.
A fifth of the font families is held out for the figures printed at the end. Run from the
repository's root:

    python layers/analysis/training/hangul_letters.py OUT.npz
"""

import argparse
from pathlib import Path

import circled_numbers
import fonts
import mlp
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw

from analysis.ocr.letters import CLASSES, parts, squares
from analysis.ocr.preparation import GLYPH_HEIGHT
from analysis.small_net import SmallNet

_OTHERS = (
    "0123456789" * 3 + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    "ㅅㅇㅈㅊㅋㅌㅍㅎㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ다음글의중심내용것은그림표이대설명기문제옳르시오두점사거리구하각"
    "가나라마바자차카타파고노도로모보소조초코토포호구누두루무부수우주추쿠투푸후[]()<>=+-×÷√π%?!/①②③"
)


def samples(count: int, seed: int, *, test: bool) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """At least `count` labelled parts, in the held-out fonts where `test` is true."""
    rng = np.random.default_rng(seed)
    faces = [path for path in fonts.print_fonts() if fonts.held_out(path) == test]
    korean = [path for path in faces if fonts.has(path, "ㄱ")]
    rows: list[NDArray[np.float32]] = []
    labels: list[int] = []
    while len(labels) < count:
        pool = korean if rng.random() < 0.8 else faces
        page, spans = _draw(pool[int(rng.integers(len(pool)))], rng)
        grey = circled_numbers.degrade(page, rng)
        boxes = parts(grey)
        boxes = boxes[boxes[:, 3] >= 0.3 * GLYPH_HEIGHT]
        if len(boxes):
            rows.append(squares(grey, boxes))
            labels.extend(_label(box, spans) for box in boxes)
    return np.concatenate(rows), np.array(labels, np.int64)


def _draw(
    path: Path, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], list[tuple[str, float, float]]]:
    """Render signs wide apart; also each with the left and right end of its ink."""
    size = int(rng.uniform(0.8, 1.3) * GLYPH_HEIGHT)
    font = fonts.load(path, size)
    page = Pil.new("L", (16 * size, 2 * size), 255)
    pen = ImageDraw.Draw(page)
    fill, x = int(rng.integers(0, 90)), size * 0.5
    spans = []
    for _ in range(9):
        sign = str(rng.choice(list(CLASSES[1:] if rng.random() < 0.5 else _OTHERS)))
        if fonts.has(path, sign):
            pen.text((x, size * 0.4), sign, fill=fill, font=font)
            left, _, right, _ = pen.textbbox((x, size * 0.4), sign, font=font)
            spans.append((sign, left, right))
            x = right + size * float(rng.uniform(0.25, 0.8))
    return np.asarray(page), spans


def _label(box: NDArray[np.int_], spans: list[tuple[str, float, float]]) -> int:
    """Class of the sign a part lies in and nearly fills; else other."""
    left, right = float(box[0]), float(box[0] + box[2])
    for sign, low, high in spans:
        if left >= low - 3 and right <= high + 3:
            whole = right - left > 0.45 * (high - low)  # the span has side bearings
            return CLASSES.index(sign) if sign in CLASSES and whole else 0
    return 0


def main() -> None:
    """Train, print the held-out figures, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    inputs, labels = samples(options.count, 1, test=False)
    net = mlp.train(
        inputs, labels, (40, 20), len(CLASSES), epochs=options.epochs, rng=np.random.default_rng(7)
    )
    mlp.save(options.out, CLASSES, net)
    mean, spread, layers, biases = net
    shipped = SmallNet(mean, spread, tuple(layers), tuple(biases), CLASSES)
    test_inputs, test_labels = samples(options.count // 10, 2, test=True)
    guess = shipped.probabilities(test_inputs).argmax(axis=1)
    letters = test_labels > 0
    print(f"held-out fonts: all {np.mean(guess == test_labels):.4f}", end=" ")
    print(f"letters {np.mean(guess[letters] == test_labels[letters]):.4f}", end=" ")
    print(f"others kept {np.mean(guess[~letters] == 0):.4f}", end=" ")
    print(f"size {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
