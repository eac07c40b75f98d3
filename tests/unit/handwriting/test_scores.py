"""What the scores promise."""

import cv2
import numpy as np
import pytest

from analysis.handwriting.analyse import NO_MATCH, analyse_handwriting
from tests.generators.exam_pages import degrade
from tests.generators.handwriting import pen as pens
from tests.generators.handwriting.pages import Sources, write


def _score(image, blank=None):
    return analyse_handwriting(image, blank).writing_score


def _written(sheets, kinds, *, red=False, seed=3):
    """The blank page with one mark of each kind below the other in the empty foot of the page."""
    rng = np.random.default_rng(seed)
    image = sheets.written[0].copy()
    mask = np.zeros(image.shape[:2], np.uint8)
    tool = pens.red_pen(rng, sheets.unit) if red else pens.Pen((150, 60, 20), 0.9, 3.0, False)
    hand = pens.Hand.draw(rng)
    for index, kind in enumerate(kinds):
        lines = pens.strokes(rng, hand, kind, sheets.unit)
        shift = np.array([250 + 420 * (index % 3), 1750 + 160 * (index // 3)])
        pens.ink(image, mask, [line + shift for line in lines], tool, rng)
    return image


def test_more_marks_score_higher(sheets):
    scores = [_score(sheets.written[marks]) for marks in (0, 2, 5, 15)]
    assert scores == sorted(scores)
    assert scores[0] < 0.2
    assert scores[1] > scores[0] + 0.2
    assert scores[-1] > 0.9


@pytest.mark.parametrize("kind", ["scan", "photo"])
def test_the_same_holds_for_scans_and_photographs(sheets, kind):
    def shot(marks):
        return getattr(degrade, kind)(sheets.written[marks], np.random.default_rng(4)).image

    scores = [_score(shot(marks)) for marks in (0, 2, 15)]
    assert scores[0] < 0.35
    assert scores[1] > scores[0] + 0.15
    assert scores[2] > 0.9


@pytest.mark.parametrize("marks", [0, 15])
def test_light_and_shadow_are_no_ink(sheets, marks):
    plain = sheets.written[marks]
    shaded = degrade.light(plain, np.random.default_rng(6))
    assert _score(shaded) == pytest.approx(_score(plain), abs=0.1)


@pytest.mark.parametrize("factor", [0.75, 1.4])
@pytest.mark.parametrize("marks", [0, 15])
def test_resolution_does_not_matter(sheets, marks, factor):
    plain = sheets.written[marks]
    scaled = cv2.resize(plain, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    assert _score(scaled) == pytest.approx(_score(plain), abs=0.1)


def test_regions_lie_on_the_ink(sheets):
    found = analyse_handwriting(_written(sheets, ["number", "word", "tick"]))
    assert found.regions
    for region in found.regions:
        if region.score > 0.8:
            assert region.box[1] > 1600
    assert 0 < found.ink_ratio < 0.02


def test_a_marking_pen_is_listed_and_not_counted(sheets):
    marked = analyse_handwriting(_written(sheets, ["circle", "tick", "cross"], red=True))
    own = analyse_handwriting(_written(sheets, ["circle", "tick", "cross"]))
    blank = analyse_handwriting(sheets.written[0])
    assert {region.pen for region in marked.regions} >= {"red"}
    assert marked.writing_score <= blank.writing_score + 0.05
    assert own.writing_score > marked.writing_score + 0.2


def test_sums_score_as_calculation_and_words_do_not(sheets):
    rng = np.random.default_rng(8)
    hand, tool = pens.Hand.draw(rng), pens.Pen((150, 60, 20), 0.9, 3.0, False)
    page = sheets.written[0].copy()
    lines = pens.strokes(rng, hand, "sum", sheets.unit)
    while np.ptp(np.concatenate(lines)[:, 1]) < 4 * sheets.unit:
        lines = pens.strokes(rng, hand, "sum", sheets.unit)
    foot = np.array([900, 1750])
    pens.ink(page, np.zeros(page.shape[:2], np.uint8), [line + foot for line in lines], tool, rng)
    sums = analyse_handwriting(page)
    words = analyse_handwriting(_written(sheets, ["underline", "circle", "tick"]))
    assert sums.calculation_score > 0.3
    assert words.calculation_score < 0.1
    assert any(region.kind == "calculation" for region in sums.regions)


@pytest.mark.parametrize("kind", ["scan", "photo"])
def test_with_its_blank_two_marks_are_plain(sheets, kind):
    blank = sheets.written[0]

    def scored(marks):
        shot = getattr(degrade, kind)(sheets.written[marks], np.random.default_rng(11)).image
        found = analyse_handwriting(shot, blank)
        assert found.method == "template"
        return found.writing_score

    assert scored(0) < 0.15
    assert scored(2) > 0.6


def _shadowed(picture, soft):
    """A shadow of half the light whose slanted edge is `soft` px wide, across print and margins."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = (x - 0.45 * width + 0.3 * (y - height / 2)) / soft
    light = 1 - 0.5 / (1 + np.exp(-np.clip(across, -30, 30)))
    return np.asarray(picture * light[:, :, None], np.uint8)


@pytest.mark.parametrize("soft", [8, 20, 60])
def test_the_edge_of_a_shadow_is_no_added_ink(sheets, soft):
    found = analyse_handwriting(_shadowed(sheets.written[0], soft), sheets.written[0])
    assert (found.method, found.writing_score, found.regions) == ("template", 0.0, ())


@pytest.mark.parametrize("marks", [0, 5])
@pytest.mark.parametrize("method", ["shape", "template"])
def test_shadow_and_resolution_hardly_move_the_score(sheets, marks, method):
    blank = sheets.written[0] if method == "template" else None
    page = sheets.written[marks]
    others = [_shadowed(page, 40)] + [
        cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        for scale in (0.7, 1.4)
    ]
    first = analyse_handwriting(page, blank).writing_score
    for other in others:
        assert analyse_handwriting(other, blank).writing_score == pytest.approx(first, abs=0.1)


def test_a_page_equal_to_its_blank_has_nothing_added(sheets):
    found = analyse_handwriting(sheets.written[0], sheets.written[0])
    assert (found.method, found.writing_score, found.regions) == ("template", 0.0, ())


def test_another_blank_is_not_believed(sheets):
    other = np.full_like(sheets.written[0], 255)
    found = analyse_handwriting(sheets.written[15], other)
    assert (found.method, found.note) == ("shape", NO_MATCH)
    assert found.writing_score == _score(sheets.written[15])


def test_writing_on_an_empty_sheet_counts():
    page = np.full((2339, 1654), 255, np.uint8)
    written, _ = write(page, 12, 30, np.random.default_rng(1), Sources())
    assert _score(written) > 0.8


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(np.full((1200, 900, 3), 255, np.uint8), id="white"),
        pytest.param(np.zeros((1200, 900, 3), np.uint8), id="black"),
        pytest.param(np.full((16, 16, 3), 120, np.uint8), id="tiny"),
        pytest.param(np.full((16, 3000, 3), 120, np.uint8), id="a strip"),
    ],
)
def test_pictures_without_ink_score_nothing(image):
    found = analyse_handwriting(image)
    assert (found.writing_score, found.calculation_score, found.regions) == (0.0, 0.0, ())
