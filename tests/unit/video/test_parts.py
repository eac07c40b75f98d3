"""The parts a film's reading is made of."""

import math
from itertools import combinations, pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from analysis.video import cost, look, motion
from analysis.video.quality import sharpness, skin_share
from analysis.video.score import score_writing
from tests.generators.video.book import leaf, printed
from tests.generators.video.odd_pages import written


def page(seed: int, level: str = "none") -> np.ndarray:
    return leaf(np.random.default_rng(seed), 5, level).picture


def small(picture: np.ndarray, side: int) -> np.ndarray:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    scale = side / max(grey.shape)
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def moved(picture: np.ndarray, degrees: float, scale: float, shade: float) -> np.ndarray:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    laid = cv2.warpAffine(picture, matrix, (width, height), borderValue=(90, 110, 100))
    light = np.linspace(1, 1 - shade, width)[None, :, None]
    return (laid * light).astype(np.uint8)


@pytest.mark.parametrize(("degrees", "scale", "shade"), [(0, 1, 0.6), (6, 0.9, 0.3), (-9, 1.1, 0)])
def test_a_page_is_known_again_turned_nearer_and_in_shadow(
    degrees: float, scale: float, shade: float
) -> None:
    one = look.Look(small(page(1), 640))
    two = look.Look(small(moved(page(1), degrees, scale, shade), 640))
    assert look.kin(one, two) is look.Kin.SAME


@pytest.mark.parametrize("seed", range(2, 10))
def test_another_page_of_the_same_book_is_another_page(seed: int) -> None:
    assert look.kin(look.Look(small(page(1), 640)), look.Look(small(page(seed), 640))) is None


def form(seed: int, marks: int) -> np.ndarray:
    """One form, on which another hand wrote with every seed."""
    return written(printed(np.random.default_rng(1), 5), marks, np.random.default_rng(seed)).picture


def test_copies_of_a_form_are_told_by_what_is_written_on_them() -> None:
    looks = [look.Look(small(moved(form(seed, 12), seed, 1, 0.2), 640)) for seed in range(4)]
    for one, two in combinations(looks, 2):
        assert look.kin(one, two) is look.Kin.COPY


def test_a_page_written_on_is_the_same_page() -> None:
    before, after = (look.Look(small(moved(form(5, marks), 3, 1, 0), 640)) for marks in (0, 12))
    assert look.kin(before, after) is look.Kin.WRITTEN_ON
    assert look.kin(after, before) is look.Kin.SAME


@pytest.mark.parametrize("thing", ["hand", "pen"])
def test_what_lies_elsewhere_on_a_page_makes_it_no_copy(thing: str) -> None:
    pictures = []
    for x, y in ((250, 350), (480, 700)):
        picture = page(1, "medium").copy()
        if thing == "hand":
            cv2.ellipse(picture, (x, y), (190, 120), 20, 0, 360, (120, 150, 200), -1)
        else:
            cv2.line(picture, (x - 150, y), (x + 150, y + x - 300), (60, 30, 30), 20, cv2.LINE_AA)
        pictures.append(look.Look(small(picture, 640)))
    assert look.kin(*pictures) is look.Kin.SAME


def test_a_banner_over_a_page_does_not_hide_it() -> None:
    plain = moved(page(1), 2, 0.9, 0.2)
    over = plain.copy()
    cv2.rectangle(over, (20, 20), (740, 150), (245, 245, 245), -1)
    for row in (70, 125):
        place = (60, row)
        cv2.putText(over, "New message from class 2B", place, 0, 1.2, (0, 0, 0), 3)
    one, two = look.Look(small(plain, 640)), look.Look(small(over, 640))
    assert look.kin(one, two, likely=True) in (look.Kin.SAME, look.Kin.WRITTEN_ON)
    assert look.kin(look.Look(small(page(2), 640)), two, likely=True) is None


def test_a_look_is_the_same_after_it_was_kept() -> None:
    one = look.Look(small(page(3), 640))
    two = look.Look.from_bytes(one.to_bytes())
    assert np.array_equal(one.words, two.words)
    assert np.array_equal(one.points, two.points)
    assert np.array_equal(one.detail, two.detail)


def test_a_blank_sheet_is_like_nothing() -> None:
    blank = look.Look(np.full((640, 480), 240, np.uint8))
    assert look.kin(blank, blank) is None


def test_drift_and_light_leave_a_page_still_and_a_turned_page_does_not() -> None:
    before = motion.edges(small(page(1), 320))
    drifted = np.roll(page(1), (9, -14), (0, 1))
    lit = cv2.convertScaleAbs(drifted, alpha=0.7)
    assert motion.compare(before, motion.edges(small(lit, 320))).still
    assert not motion.compare(before, motion.edges(small(page(2), 320))).still


def test_a_hand_that_comes_in_is_motion() -> None:
    covered = page(1).copy()
    cv2.ellipse(covered, (600, 700), (260, 170), 20, 0, 360, (120, 150, 200), -1)
    before = motion.edges(small(page(1), 320))
    assert not motion.compare(before, motion.edges(small(covered, 320))).still


def test_blur_lowers_sharpness_and_light_hardly_does() -> None:
    grey = cv2.cvtColor(page(4), cv2.COLOR_BGR2GRAY)
    plain = sharpness(grey, 0)
    assert sharpness(cv2.GaussianBlur(grey, (0, 0), 1.5), 0) < 0.4 * plain
    assert sharpness(cv2.convertScaleAbs(grey, alpha=0.6), 0) == pytest.approx(plain, rel=0.1)
    assert sharpness((grey.astype(np.uint16) << 2), 2) == plain  # type: ignore[arg-type]


@pytest.mark.parametrize("bgr", [(150, 180, 225), (70, 100, 150), (45, 60, 90)])
def test_skin_of_any_tone_is_seen_and_paper_is_not(bgr: tuple[int, int, int]) -> None:
    def share(colour: tuple[int, int, int]) -> float:
        patch = np.full((8, 8, 3), colour, np.uint8)
        _, v, u = cv2.split(cv2.cvtColor(patch, cv2.COLOR_BGR2YCrCb))
        return skin_share(np.asarray(u, np.uint8), np.asarray(v, np.uint8))

    assert share(bgr) == 1.0
    assert share((235, 240, 240)) == 0.0


@given(
    some.integers(1, 20),
    some.floats(0.1, 3600),
    some.lists(some.floats(0, 3600), max_size=50),
)
def test_segments_lie_end_to_end(count: int, duration: float, keys: list[float]) -> None:
    parts = cost.split(count, duration, sorted(keys))
    assert 1 <= len(parts) <= count
    assert parts[0].start == 0
    assert parts[-1].end == math.inf
    assert all(one.end == two.start for one, two in pairwise(parts))


def test_a_cheap_video_is_read_in_one_pass_and_a_dear_one_in_parts() -> None:
    keys = [float(second) for second in range(3600)]
    assert len(cost.plan(60.0, 600.0, keys)) == 1
    assert 2 <= len(cost.plan(900.0, 3600.0, keys)) <= cost.MAX_SEGMENTS


@given(some.integers(640 * 360, 4096 * 2304), some.floats(10, 60), some.floats(10, 3600))
def test_a_longer_or_dearer_coded_film_never_costs_less(
    pixels: int, fps: float, duration: float
) -> None:
    def seconds(codec: str, profile: str, length: float, share: float = 1.0) -> float:
        return cost.cpu_seconds(
            codec,
            profile,
            pixels,
            decoded=round(share * fps * length),
            size=round(share * 1e5 * length),
            samples=5 * length,
        )

    assert seconds("h264", "High", 2 * duration) > seconds("h264", "High", duration) > 0
    assert seconds("h264", "High", duration, 0.5) < seconds("h264", "High", duration)
    plain = seconds("h264", "Constrained Baseline", duration)
    assert plain < seconds("h264", "High", duration) < seconds("hevc", "Main", duration)


def test_a_full_page_scores_above_an_unwritten_one() -> None:
    assert score_writing(page(6, "full")).score > 0.5 > score_writing(page(6)).score


def test_a_known_blank_is_subtracted() -> None:
    rng = np.random.default_rng(8)
    blank = leaf(rng, 5, "none").picture
    written = blank.copy()
    cv2.putText(
        written, "x=7, y=12", (300, 500), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, (60, 40, 30), 2
    )
    found = score_writing(written, (blank,))
    assert found.against_template
    assert found.score > 0.5
    assert score_writing(blank, (blank,)).score < 0.5
