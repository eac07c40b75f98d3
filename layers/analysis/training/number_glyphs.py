"""Train the glyph classifier that reads question numbers; writes models/number_glyphs.npz.

Lines are rendered in the fonts of the Debian packages named in `fonts`, degraded like scans and
photographs, cut into glyph cells by the shipped code and labelled by what was drawn there.
A fifth of the font families is held out for the figure printed at the end.
"""

import argparse
from pathlib import Path

import cv2
import fonts
import mlp
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw

from analysis.page_geometry import INK_LEVEL, even_light
from analysis.segmentation.glyph_cells import (
    features,
    line_extent,
    merge_parts,
    split_touching,
)
from analysis.segmentation.page_ink import components

CLASSES = (*"0123456789.)([]~", "other")
OTHER = len(CLASSES) - 1
_SAME = {
    "～": "~",
    "∼": "~",
    "-": "~",
    "–": "~",
    "〔": "[",
    "〕": "]",
    "）": ")",
    "（": "(",
    "．": ".",
}
_OTHERS = (
    "다음글의중심내용으로가장적절한것은그림표이에대설명보기문제옳을르시오두점사거리구하두각형일때값윗글"
    "나타난필자주함수등차열조선후기물체운동실험빈칸들어갈말여러분를않와과로서도는은지인학생자료"
    "ㄱㄴㄷㄹㅁㅏㅣㅐ①②③④⑤○●□■◦•※→<>{}|/:;?!=+×÷√∠△℃%&@#*'\""
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
_TAILS = (
    "다음 글의",
    "그림은 ",
    "The word",
    "두 점 A(",
    "What is",
    "윗글에",
    "함수 f(x)",
    "표는 ",
    "이에 대한",
)


def _line(rng: np.random.Generator) -> str:
    n = str(int(rng.integers(1, 51 if rng.random() < 0.9 else 200)))
    tail = str(rng.choice(_TAILS))
    forms = [
        f"{n}. {tail}", f"{n}) {tail}", f"[{n}] {tail}", f"{n}  {tail}", f"{int(n):02d} {tail}",
        f"문제 {n}. {tail}", f"[{n}～{int(n) + 2}] {tail}", f"[{n}~{int(n) + 3}] {tail}",
        f"[{n}-{int(n) + 1}] {tail}", f"({n}) {tail}", f"({n}~{int(n) + 1}) {tail}", f"{n}.{tail}",
    ]  # fmt: skip
    if rng.random() < 0.6:
        return forms[int(rng.integers(len(forms)))]
    count = int(rng.integers(4, 12))
    drawn = rng.choice(list(_OTHERS + "   .()[]"), count)
    return "".join(drawn) + str(rng.integers(0, 999))


def _draw(
    text: str, path: Path, size: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.int16], float]:
    """Render a line; also which character (index, or -1) inked each pixel, and the glyph height."""
    font = fonts.load(path, size)
    width, height = int(size * (len(text) + 3)), size * 2
    page = Pil.new("L", (width, height), 255)
    pen = ImageDraw.Draw(page)
    x, y = size * 0.5, size * 0.35
    fill = int(rng.integers(0, 80))
    squeeze = float(rng.uniform(0.92, 1.05))
    bold = int(rng.random() < 0.15 and size > 30)
    owner = np.full((height, width), -1, np.int16)
    before = np.asarray(page).copy()
    for index, character in enumerate(text):
        if character != " " and fonts.has(path, character):
            pen.text((x, y), character, fill=fill, font=font, stroke_width=bold)
            after = np.asarray(page).copy()
            owner[after.astype(np.int16) + 60 < before] = index
            before = after
        x += font.getlength(character) * squeeze
    _, top, _, bottom = font.getbbox("다" if fonts.has(path, "다") else "Hg")
    return before, owner, float(bottom - top)


def _degrade(page: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    blurred = cv2.GaussianBlur(page, (0, 0), float(rng.uniform(0.01, 1.3)) + 0.01)
    light = np.linspace(rng.uniform(0.7, 1), 1, page.shape[1])[None, :]
    noisy = blurred * light + rng.normal(0, rng.uniform(0, 12), page.shape)
    result = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        code = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 95))])[
            1
        ]
        result = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)
    return np.asarray(even_light(result), np.uint8)


def _label(cell: NDArray[np.int32], owner: NDArray[np.int16], text: str) -> int:
    """Class of the character that inked a cell; other where it is shared or only a piece."""
    x, y, w, h = (int(v) for v in cell)
    inked = owner[y : y + h, x : x + w]
    inked = inked[inked >= 0]
    if not len(inked):
        return OTHER
    counts = np.bincount(inked)
    index = int(counts.argmax())
    name = _SAME.get(text[index], text[index])
    whole = counts[index] > 0.75 * int((owner == index).sum())
    alone = counts[index] > 0.85 * len(inked)
    return CLASSES.index(name) if whole and alone and name in CLASSES else OTHER


def samples(count: int, seed: int, *, test: bool) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """At least `count` labelled cells, in the held-out fonts where `test` is true."""
    rng = np.random.default_rng(seed)
    faces = [path for path in fonts.print_fonts() if fonts.held_out(path) == test]
    korean = [path for path in faces if fonts.has(path, "다")]
    rows: list[NDArray[np.float32]] = []
    labels: list[int] = []
    while len(labels) < count:
        pool = korean if rng.random() < 0.7 else faces
        path = pool[int(rng.integers(len(pool)))]
        size = int(rng.integers(15, 60))
        text = _line(rng)
        page, owner, glyph = _draw(text, path, size, rng)
        grey = _degrade(page, rng)
        boxes, areas, _ = components((grey < INK_LEVEL).astype(np.uint8))
        kept = (areas >= max(4, 0.005 * glyph * glyph)) & (boxes[:, 3] < 2.2 * glyph)
        kept[0] = False
        cells = merge_parts(boxes[kept])[:9]
        if not len(cells):
            continue
        glyph *= float(rng.uniform(0.85, 1.2))
        line_top, line_bottom = line_extent(cells)
        halves = [way for cell in cells[:4] for way in split_touching(grey, cell)]
        cells = np.concatenate([cells, *halves]) if halves else cells
        rows.append(features(grey, cells, line_top, line_bottom, glyph))
        labels.extend(_label(cell, owner, text) for cell in cells)
    return np.concatenate(rows), np.array(labels, np.int64)


def main() -> None:
    """Train, print the held-out accuracy, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=160_000)
    parser.add_argument("--epochs", type=int, default=16)
    options = parser.parse_args()
    inputs, labels = samples(options.count, 1, test=False)
    net = mlp.train(
        inputs, labels, (96, 32), len(CLASSES), epochs=options.epochs, rng=np.random.default_rng(7)
    )
    mlp.save(options.out, CLASSES, net)
    from analysis.small_net import SmallNet

    mean, spread, layers, biases = net
    shipped = SmallNet(mean, spread, tuple(layers), tuple(biases), CLASSES)
    test_inputs, test_labels = samples(options.count // 10, 2, test=True)
    guess = shipped.probabilities(test_inputs).argmax(axis=1)
    digits = test_labels < OTHER
    print(f"held-out fonts: all {np.mean(guess == test_labels):.4f}", end=" ")
    print(f"digits and marks {np.mean(guess[digits] == test_labels[digits]):.4f}", end=" ")
    print(f"others kept {np.mean(guess[~digits] == OTHER):.4f}", end=" ")
    print(f"size {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
