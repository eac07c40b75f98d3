"""Odd pages that phones film: copies of a form, squared paper, pages written on meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from tests.generators.handwriting.pages import Sources, write
from tests.generators.video.book import HEIGHT, UNIT, WIDTH, Leaf, Picture, leaf, printed
from tests.generators.video.film import Script, Staging

Odd = tuple[Script, Staging]
_FAST = {"preset": "ultrafast", "crf": "23"}


def short(seed: int) -> Script:
    """Five pages at 720p."""
    return Script(seed=seed, pages=5, fps=15, gop=15, hold=(1.4, 2.4), options=_FAST)


def bgr(page: Picture) -> Picture:
    """A grey page in colour."""
    return np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), np.uint8)


def written(page: Picture, marks: int, rng: np.random.Generator, level: str = "medium") -> Leaf:
    """A hand's `marks` on a given page."""
    if not marks:
        return Leaf(bgr(page), "none", 0.0)
    picture, truth = write(page, marks, UNIT, rng, Sources())
    return Leaf(np.asarray(picture, np.uint8), level, float((truth == 1).mean()))


def forms(seed: int, pages: int = 5, marks: int = 14) -> Odd:
    """One worksheet's form, filled in `pages` times."""
    rng = np.random.default_rng(seed)
    form = printed(rng, 7)
    return short(seed), Staging(tuple(written(form, marks, rng) for _ in range(pages)))


def blank_then_filled(seed: int) -> Odd:
    """A form unwritten, then three filled in."""
    rng = np.random.default_rng(seed)
    form = printed(rng, 7)
    return short(seed), Staging(tuple(written(form, marks, rng) for marks in (0, 12, 14, 10)))


def circled(seed: int, pages: int = 5) -> Odd:
    """Answer pages of one form on which only one number of five is circled in each row."""
    rng = np.random.default_rng(seed)
    form = np.full((HEIGHT, WIDTH), 244, np.uint8)
    cv2.putText(form, "ANSWERS", (60, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 40, 2, cv2.LINE_AA)
    rows = [110 + 46 * row for row in range(20)]
    for row, y in enumerate(rows):
        texts = [f"{row + 1:02d}", *(f"{choice + 1}" for choice in range(5))]
        for text, x in zip(texts, (60, 180, 290, 400, 510, 620), strict=True):
            cv2.putText(form, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 40, 1, cv2.LINE_AA)
    leaves = []
    for _ in range(pages):
        page = bgr(form)
        for y in rows:
            centre = (186 + 110 * int(rng.integers(5)) + int(rng.integers(-4, 5)), y - 6)
            size = (int(rng.integers(13, 19)), int(rng.integers(13, 19)))
            cv2.ellipse(page, centre, size, 20, 10, 350, (120, 40, 30), 2, cv2.LINE_AA)
        leaves.append(Leaf(page, "medium", 0.01))
    return short(seed), Staging(tuple(leaves))


def squared(seed: int, pages: int = 5, marks: int = 5) -> Odd:
    """Squared paper with a few marks a page."""
    rng = np.random.default_rng(seed)
    paper = np.full((HEIGHT, WIDTH), 246, np.uint8)
    paper[::20] = paper[:, ::20] = 200
    return short(seed), Staging(tuple(written(paper, marks, rng, "light") for _ in range(pages)))


def ruled(seed: int, marks: Sequence[int] = (8, 9, 10, 8, 12)) -> Odd:
    """A ruled notebook, with so many marks on each page."""
    rng = np.random.default_rng(seed)
    paper = np.full((HEIGHT, WIDTH), 246, np.uint8)
    paper[90::32] = 190
    return short(seed), Staging(tuple(written(paper, count, rng) for count in marks))


def plain_sheets(seed: int) -> Odd:
    """Sheets without print, written on."""
    rng = np.random.default_rng(seed)
    paper = np.full((HEIGHT, WIDTH), 246, np.uint8)
    return short(seed), Staging(tuple(written(paper, 14, rng, "full") for _ in range(5)))


def written_between(seed: int) -> Odd:
    """Page one, its neighbour, page one written on; then another."""
    rng = np.random.default_rng(seed)
    first, second, third = (
        written(printed(rng, 10 + 2 * place), marks, rng) for place, marks in enumerate((0, 8, 6))
    )
    later = written(first.picture, 16, rng)
    return short(seed), Staging((first, second, later, third), pages=(0, 1, 0, 2))


def writing_meanwhile(seed: int) -> Odd:
    """Every page is written on in three goes while it is filmed."""
    rng = np.random.default_rng(seed)
    leaves: list[Leaf] = []
    for place in range(3):
        now = written(printed(rng, 10 + 2 * place), 0, rng)
        leaves.append(now)
        for _ in range(3):
            now = written(now.picture, 6, rng)
            leaves.append(now)
    return short(seed), Staging(tuple(leaves), pages=tuple(np.repeat(range(3), 4).tolist()))


def one_side(seed: int) -> Odd:
    """A printed page stays on the left, a sheet beside it changes."""
    rng = np.random.default_rng(seed)
    left = printed(rng, 10)
    spreads = []
    for place in range(5):
        right = leaf(rng, 11 + place, "medium").picture
        spreads.append(Leaf(np.hstack([bgr(left), right]), "medium", 0.005))
    return replace(short(seed), size=(1280, 720)), Staging(tuple(spreads))


def one_side_notes(seed: int) -> Odd:
    """A printed page stays on the left, a nearly empty notebook beside it is turned."""
    rng = np.random.default_rng(seed)
    left = printed(rng, 10)
    paper = np.full((HEIGHT, WIDTH), 246, np.uint8)
    paper[90::32] = 190
    spreads = [
        Leaf(np.hstack([bgr(left), written(paper, 6, rng).picture]), "medium", 0.005)
        for _ in range(5)
    ]
    return replace(short(seed), size=(1280, 720)), Staging(tuple(spreads))


def swiped(seed: int) -> Odd:
    """A tablet's screen, swiped."""
    rng = np.random.default_rng(seed)
    leaves = []
    for place in range(6):
        page = leaf(rng, 10 + place, "medium").picture
        leaves.append(
            Leaf(cv2.copyMakeBorder(page, 30, 60, 0, 0, 0, value=(20, 20, 20)), "medium", 0.004)
        )
    return short(seed), Staging(tuple(leaves), paging="swipe")


def pen_moved(seed: int) -> Odd:
    """A pen lies on the page, and elsewhere when the page is shown again."""
    rng = np.random.default_rng(seed)
    base = [leaf(rng, 10 + 2 * place, "light") for place in range(3)]

    def with_pen(one: Leaf, x: int, y: int, turn: float) -> Leaf:
        picture = one.picture.copy()
        along = np.array([np.cos(turn), np.sin(turn)])
        ends = [np.array([x, y]) + side * 190 * along for side in (-1, 1)]
        cv2.line(picture, ends[0].astype(int), ends[1].astype(int), (60, 30, 30), 20, cv2.LINE_AA)
        tip = ends[1] + 45 * along
        cv2.line(picture, ends[1].astype(int), tip.astype(int), (90, 90, 90), 8, cv2.LINE_AA)
        return replace(one, picture=picture)

    leaves = (
        with_pen(base[0], 300, 400, 0.5), base[1], with_pen(base[0], 500, 700, 2.2),
        with_pen(base[2], 350, 500, 1.4), with_pen(base[1], 300, 650, 2.9),
        with_pen(base[2], 400, 800, 0.1),
    )  # fmt: skip
    return short(seed), Staging(leaves, pages=(0, 1, 0, 2, 1, 2))


def answer_rubbed_out(seed: int) -> Odd:
    """A page, its neighbour, the page again with one answer rubbed out and written anew."""
    rng = np.random.default_rng(seed)
    sheet = [printed(rng, 10 + 2 * place) for place in range(2)]
    first, second = written(sheet[0], 8, rng), written(sheet[1], 6, rng)
    before, after = first.picture.copy(), first.picture.copy()
    for picture, text in ((before, "x = 12"), (after, "  y = 47")):
        cv2.putText(
            picture, text, (330, 560), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.0, (60, 50, 50), 2
        )
    states = (replace(first, picture=before), second, replace(first, picture=after))
    return short(seed), Staging(states, pages=(0, 1, 0))


KINDS: tuple[Callable[[int], Odd], ...] = (
    forms, blank_then_filled, circled, squared, ruled, plain_sheets, written_between,
    writing_meanwhile, one_side, one_side_notes, swiped, pen_moved, answer_rubbed_out,
)  # fmt: skip
