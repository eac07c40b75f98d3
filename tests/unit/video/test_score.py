"""Writing is told from print whatever the light."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from analysis.handwriting.strokes import Pieces
from analysis.page_geometry import FlatPage
from analysis.video.score import crisp, on_paper, score_writing
from analysis.video.sheet import paper_of
from tests.generators.handwriting.pages import Sources, write
from tests.generators.video import book
from tests.generators.video.still import film_still


def filmed(seed: int, level: str, shadow: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    page = book.printed(rng, 5)
    picture, truth = write(page, book.marks_of(rng, level), book.UNIT, rng, Sources())
    return film_still(picture, truth, np.random.default_rng(seed), shadow).picture


def on_desk(light: np.ndarray) -> np.ndarray:
    """A white page of 400 x 560 px at (160, 120) on a brown desk of 720 x 800 px."""
    scene = np.full((800, 720, 3), (60, 90, 130), np.float32)
    scene[120:680, 160:560] = 240
    return (scene * light).astype(np.uint8)


@pytest.mark.parametrize("deep", [0.0, 0.4, 0.65])
def test_a_page_half_in_shadow_is_cut_out_whole(deep: float) -> None:
    light = 1 - deep / (1 + np.exp(-(np.arange(800) - 400) / 25))[:, None, None]
    paper = paper_of(on_desk(light))
    assert (paper.left, paper.top) == pytest.approx((160, 120), abs=12)
    assert paper.picture.shape[:2] == pytest.approx((560, 400), abs=20)
    assert np.median(paper.picture[-60:]) > 225, "the light is evened"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda scene: cv2.circle(scene, (160, 300), 50, (110, 140, 200), -1),
        lambda scene: cv2.rectangle(scene, (160, 120), (560, 150), (30, 30, 30), -1),
        lambda scene: cv2.rectangle(scene, (400, 400), (559, 520), (170, 240, 190), -1),
        lambda scene: cv2.rectangle(scene, (160, 330), (559, 350), (220, 140, 230), -1),
    ],
    ids=["a thumb", "a dark heading", "a coloured box", "a coloured band"],
)
def test_what_lies_on_a_rim_does_not_bend_the_page(
    spoil: Callable[[np.ndarray], np.ndarray],
) -> None:
    scene = spoil(on_desk(np.ones((800, 720, 1))))
    paper = paper_of(np.ascontiguousarray(scene))
    assert (paper.left, paper.top) == pytest.approx((160, 135), abs=25)
    assert paper.picture.shape[:2] == pytest.approx((545, 400), abs=30)


def test_a_blurred_stroke_gets_its_contrast_back() -> None:
    page = np.full((720, 500, 3), 240, np.uint8)
    cv2.line(page, (100, 100), (400, 300), (120, 120, 120), 2, cv2.LINE_AA)
    blurred = np.asarray(cv2.GaussianBlur(page, (0, 0), 1.2), np.uint8)
    assert crisp(blurred, 720).min() < blurred.min() - 30
    flat = np.full((40, 40, 3), 200, np.uint8)
    assert np.array_equal(crisp(flat, 720), flat)


def test_a_frame_filled_by_its_page_comes_back_whole() -> None:
    paper = paper_of(np.full((800, 720, 3), 230, np.uint8))
    assert (paper.picture.shape, paper.left, paper.top) == ((800, 720, 3), 0, 0)


def test_a_page_is_cut_from_a_desk_of_its_own_tint_alike_in_light_and_in_shadow() -> None:
    grain = np.random.default_rng(4).normal(0, 4, (800, 720, 1))
    scene = np.full((800, 720, 3), 150.0) + grain
    scene[120:680, 160:560] = 240
    x, y = np.meshgrid(np.arange(720), np.arange(800))
    shadow = 1 - 0.65 / (1 + np.exp((x - y + 100) / 12))[:, :, None]
    papers = [paper_of((scene * light).astype(np.uint8)) for light in (np.ones(1), shadow)]
    for paper in papers:
        assert (paper.left, paper.top) == pytest.approx((160, 120), abs=12)
        assert paper.picture.shape[:2] == pytest.approx((560, 400), abs=20)


def test_the_edge_of_a_shadow_is_no_ink() -> None:
    light = 1 - 0.6 / (1 + np.exp(-(np.arange(800) - 400) / 8))[:, None, None]
    page = np.full((800, 720, 3), 235.0)
    page[200:600:40, 100:600] = 120
    lit = paper_of((page * light).astype(np.uint8)).picture
    rows = np.arange(800)[(np.arange(800) - 200) % 40 > 8]
    assert lit[rows][:, 100:600].min() > 225
    assert lit[200:600:40, 120:580].max() < 170, "ink stays"


def test_a_blot_in_the_shade_of_a_gutter_is_no_ink() -> None:
    grey = np.full((400, 400), 250, np.uint8)
    grey[:, 200:] = 210
    labels = np.zeros((400, 400), np.int32)
    blots = [(60, 60, 160), (60, 260, 150), (300, 60, 230), (300, 260, 200)]
    for number, (top, left, level) in enumerate(blots, start=1):
        labels[top : top + 20, left : left + 20] = number
        grey[top : top + 20, left : left + 20] = level
    pieces = Pieces(
        flat=FlatPage(grey, np.eye(3), 0.0),
        glyph=20.0,
        boxes=np.array([(left, top, 20, 20) for top, left, _ in blots], np.int32),
        areas=np.full(4, 400, np.int32),
        labels=labels,
        features=np.zeros((4, 1), np.float32),
        redness=np.zeros(4, np.float32),
    )
    assert on_paper(pieces).tolist() == [True, False, False, False]


@pytest.mark.parametrize("shadow", [0.0, 0.6])
def test_a_shadow_neither_writes_nor_hides_writing(shadow: float) -> None:
    unwritten = [score_writing(filmed(seed, "none", shadow)).score for seed in (301, 302)]
    written = [score_writing(filmed(seed, "full", shadow)).score for seed in (301, 302)]
    assert max(unwritten) < 0.5 < min(written)


@pytest.mark.parametrize("turns", [1, 3])
@pytest.mark.parametrize("seed", [3, 4])
def test_print_that_lies_on_its_side_is_not_called_writing(seed: int, turns: int) -> None:
    clean, full = (np.rot90(filmed(seed, level, 0.2), turns) for level in ("none", "full"))
    assert score_writing(np.ascontiguousarray(clean)).score < 0.5
    assert score_writing(np.ascontiguousarray(full)).score > 0.5


@pytest.mark.parametrize("level", ["none", "full"])
def test_nothing_is_said_of_a_page_too_blurred_to_be_read(level: str) -> None:
    sharp = filmed(5, level, 0.2)
    assert score_writing(sharp).level != "unknown"
    short_side = min(sharp.shape[:2])
    found = score_writing(np.asarray(cv2.GaussianBlur(sharp, (0, 0), short_side / 130), np.uint8))
    assert (found.level, found.confidence) == ("unknown", 0.0)


def test_a_bare_sheet_is_not_called_blurred() -> None:
    assert score_writing(np.full((1280, 720, 3), 235, np.uint8)).level == "none"
