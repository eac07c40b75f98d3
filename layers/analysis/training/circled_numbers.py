"""Train the net that reads circled signs; writes models/circled_numbers.npz.

Lines with circled signs, syllables and other round shapes are rendered in the fonts of the Debian
packages named in `fonts`, degraded like scans and photographs, searched by the shipped code, and
each candidate is labelled by what was drawn there. A third of the circled digits is drawn as a
circle with a digit in it, as many exam papers set them. A fifth of the font families is held out
for the figures printed at the end. Run from the repository's root:

    python layers/analysis/training/circled_numbers.py OUT.npz
"""

import argparse
from pathlib import Path

import cv2
import fonts
import mlp
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from analysis.ocr.circled import CLASSES, candidates, patches
from analysis.ocr.preparation import GLYPH_HEIGHT
from analysis.page_geometry import even_light
from analysis.small_net import SmallNet

_ROUND = "○●◎◉◯◐☉⊙⊕⊖⊗☺ㅇ0OoQCGDecaq8698©®@&%은을응이의어여요용양안영음원우유위외야오아으◆■□◇★☆♀♂"
_TEXT = (
    "다음글의중심내용으로가장적절한것은그림표이에대설명보기문제옳르시오두점사거리구하각형일때값윗"
    "환활홍황형호힘함합할회후훈흡0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,()[]<>?"
)
_FEWEST_FONTS = 8
"""Fonts a class must be drawable in; fewer would teach the font, not the sign."""


def samples(count: int, seed: int, *, test: bool) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """At least `count` labelled candidates, in the held-out fonts where `test` is true."""
    rng = np.random.default_rng(seed)
    faces = [path for path in fonts.print_fonts() if fonts.held_out(path) == test]
    korean = [path for path in faces if fonts.has(path, "다")]
    if len(korean) < _FEWEST_FONTS:
        raise SystemExit("too few Korean fonts; install the Debian packages named in fonts.py")
    rows: list[NDArray[np.float32]] = []
    labels: list[int] = []
    while len(labels) < count:
        pool = korean if rng.random() < 0.85 else faces
        page, owner, glyph, text = _draw(pool[int(rng.integers(len(pool)))], faces, rng)
        grey = degrade(page, rng)
        boxes = candidates(grey, glyph * float(rng.uniform(0.85, 1.2)))
        if len(boxes):
            rows.append(patches(grey, boxes))
            labels.extend(_label(box, owner, text) for box in boxes)
    return np.concatenate(rows), np.array(labels, np.int64)


def _draw(
    path: Path, faces: list[Path], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.int16], float, str]:
    """Render a line; also which character (index, or -1) inked each px, and the glyph height."""
    size = int(rng.uniform(0.75, 1.35) * GLYPH_HEIGHT)
    font = fonts.load(path, size)
    text = _line(rng)
    page = Pil.new("L", (int(size * (1.4 * len(text) + 2)), 2 * size), 255)
    pen = ImageDraw.Draw(page)
    fill = int(rng.integers(0, 90))
    x = size * 0.5
    owner = np.full((page.height, page.width), -1, np.int16)
    before = np.asarray(page).astype(np.int16)
    for index, sign in enumerate(text):
        own_circle = sign in "①②③④⑤⑥⑦⑧⑨" and (rng.random() < 0.35 or not fonts.has(path, sign))
        if own_circle:
            face = faces[int(rng.integers(len(faces)))]
            x += _circle_digit(page, x, size, str(CLASSES.index(sign)), face, fill, rng)
        elif sign != " " and fonts.has(path, sign):
            pen.text((x, size * 0.4), sign, fill=fill, font=font)
            x += font.getlength(sign) * float(rng.uniform(1.0, 1.15))
        else:
            x += size * 0.4
        after = np.asarray(page).astype(np.int16)
        owner[after + 60 < before] = index
        before = after
    _, top, _, bottom = font.getbbox("다" if fonts.has(path, "다") else "Hg")
    return before.astype(np.uint8), owner, float(bottom - top), text


def _line(rng: np.random.Generator) -> str:
    signs = []
    for _ in range(int(rng.integers(8, 15))):
        kind = rng.random()
        pool = list(CLASSES[1:]) if kind < 0.4 else list(_ROUND if kind < 0.7 else _TEXT)
        signs.append(str(rng.choice(pool)))
        if rng.random() < 0.3:
            signs.append(" ")
    return "".join(signs)


def _circle_digit(
    page: Pil.Image,
    x: float,
    size: int,
    digit: str,
    face: Path,
    fill: int,
    rng: np.random.Generator,
) -> float:
    """Draw a circle with a digit in it, four times as large and then scaled; its width in px."""
    large = 4 * size
    side = int(large * rng.uniform(0.8, 1.15))
    tile = Pil.new("L", (side + 8, side + 8), 255)
    ink = ImageDraw.Draw(tile)
    font: ImageFont.FreeTypeFont = fonts.load(face, int(side * rng.uniform(0.5, 0.8)))
    ink.ellipse(
        (2, 2, side + 4, side + 4), outline=fill, width=int(large * rng.uniform(0.03, 0.09))
    )
    ink.text((side / 2 + 4, side / 2 + 4), digit, fill=fill, font=font, anchor="mm")
    small = tile.resize((max(8, tile.width // 4), max(8, tile.height // 4)), Pil.Resampling.LANCZOS)
    page.paste(small, (int(x), int(size * 0.4)))
    return small.width * float(rng.uniform(1.0, 1.2))


def degrade(page: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Scale, turn, blur and light a rendered line; evenly lit again and at its first size."""
    height, width = page.shape
    factor = float(rng.uniform(0.6, 1.4))
    small = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    turn = cv2.getRotationMatrix2D((small.shape[1] / 2, small.shape[0] / 2), rng.normal(0, 0.3), 1)
    small = cv2.warpAffine(small, turn, small.shape[::-1], borderValue=(255,))
    soft = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.05, 1.1)))
    light = np.linspace(rng.uniform(0.65, 1), 1, small.shape[1])[None, :]
    noisy = soft * light + rng.normal(0, rng.uniform(0, 9), small.shape)
    result = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 95))]
        result = cv2.imdecode(cv2.imencode(".jpg", result, quality)[1], cv2.IMREAD_GRAYSCALE)
    result = even_light(result)
    return np.asarray(cv2.resize(result, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _label(box: NDArray[np.int_], owner: NDArray[np.int16], text: str) -> int:
    """Class of the sign that inked most of a candidate and lies in it whole; else other."""
    x, y, w, h = (int(side) for side in box)
    inked = owner[y : y + h, x : x + w]
    inked = inked[inked >= 0]
    if not len(inked):
        return 0
    counts = np.bincount(inked)
    index = int(counts.argmax())
    whole = counts[index] > 0.8 * int((owner == index).sum())
    alone = counts[index] > 0.85 * len(inked)
    return CLASSES.index(text[index]) if whole and alone and text[index] in CLASSES else 0


def main() -> None:
    """Train, print the held-out figures, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=14)
    options = parser.parse_args()
    inputs, labels = samples(options.count, 1, test=False)
    net = mlp.train(
        inputs, labels, (80, 32), len(CLASSES), epochs=options.epochs, rng=np.random.default_rng(7)
    )
    mlp.save(options.out, CLASSES, net)
    mean, spread, layers, biases = net
    shipped = SmallNet(mean, spread, tuple(layers), tuple(biases), CLASSES)
    test_inputs, test_labels = samples(options.count // 10, 2, test=True)
    guess = shipped.probabilities(test_inputs).argmax(axis=1)
    choices, others = (test_labels >= 1) & (test_labels <= 5), test_labels == 0
    print(f"held-out fonts: all {np.mean(guess == test_labels):.4f}", end=" ")
    print(f"①-⑤ {np.mean(guess[choices] == test_labels[choices]):.4f}", end=" ")
    print(f"others kept {np.mean(guess[others] == 0):.4f}", end=" ")
    print(f"size {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
