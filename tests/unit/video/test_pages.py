"""Every page once, by a good picture, however the video is cut or coded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from analysis.video.analyse import analyse, decode
from analysis.video.contact_sheet import contact_sheet
from analysis.video.evaluation import score_pages

Film = Callable[..., tuple[Path, dict[str, Any]]]


def test_every_page_is_found_once_and_its_picture_is_good(film: Film) -> None:
    path, truth = film(pages=5, seed=41)
    score = score_pages(analyse(path).pages, truth, 0.0)
    assert score.exact
    assert score.good == 5


def test_a_page_turned_to_again_is_the_same_page(film: Film) -> None:
    path, truth = film(pages=4, seed=42, revisits=2)
    pages = analyse(path).pages
    assert score_pages(pages, truth, 0.0).exact
    order = [int(hold[2]) for hold in truth["holds"]]
    assert sum(page.visits for page in pages) == len(order)
    assert max(page.visits for page in pages) > 1


def test_a_hand_that_sweeps_over_makes_no_page(film: Film) -> None:
    path, truth = film(pages=2, seed=43, sweeps=2, hold=(3.0, 3.2))
    score = score_pages(analyse(path).pages, truth, 0.0)
    assert score.exact
    assert score.good == 2


def test_curled_pages_filmed_without_a_steady_rate_are_found_at_their_times(film: Film) -> None:
    path, truth = film(pages=4, seed=45, curl=0.06, dropped=0.3)
    found = analyse(path)
    assert found.facts.packets == len(truth["frames"])
    score = score_pages(found.pages, truth, 0.0)
    assert score.exact
    assert score.good == 4
    ends = [(hold[0] - 0.3, hold[1] + 0.3) for hold in truth["holds"]]
    assert all(low < page.time < high for page, (low, high) in zip(found.pages, ends, strict=True))


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_pages_of_a_turned_phone_come_upright(film: Film, rotate: int) -> None:
    """The same film, its frames coded as a phone held that way codes them."""
    path, truth = film("turned.mov", seed=46, rotate=rotate)
    plain, _ = film(seed=46)
    turned, upright = analyse(path), analyse(plain)
    assert (turned.facts.rotation, upright.facts.rotation) == (rotate, 0)
    assert (turned.facts.width, turned.facts.height) == tuple(truth["size"])
    score = score_pages(turned.pages, truth, 0.0)
    assert score.exact
    assert score.good == 3
    for one, two in zip(turned.pages, upright.pages, strict=True):
        pictures = [decode(page.jpeg) for page in (one, two)]
        assert pictures[0].shape == pictures[1].shape
        one_print, two_print = (inner_print(picture) for picture in pictures)
        alike = np.corrcoef(one_print.ravel(), two_print.ravel())[0, 1]
        upside_down = np.corrcoef(one_print[::-1, ::-1].ravel(), two_print.ravel())[0, 1]
        assert alike > upside_down + 0.25


def inner_print(picture: np.ndarray) -> np.ndarray:
    """The print in the middle of a page, coarse and evenly lit: no rim, no desk."""
    grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (120, 214)).astype(np.float32)
    return (cv2.GaussianBlur(grey, (0, 0), 2) - cv2.GaussianBlur(grey, (0, 0), 12))[40:174, 25:95]


@pytest.mark.parametrize("segments", [6, 12])
def test_any_segmentation_gives_identical_pages(film: Film, segments: int) -> None:
    path, _ = film(pages=5, seed=41)
    whole, parts = analyse(path), analyse(path, segments=segments)
    for one, two in zip(whole.pages, parts.pages, strict=True):
        assert (one.start, one.end, one.time, one.index) == (
            two.start,
            two.end,
            two.time,
            two.index,
        )
        assert one.jpeg == two.jpeg


def test_the_same_file_gives_the_same_bytes_twice(film: Film) -> None:
    path, _ = film()
    one, two = analyse(path), analyse(path)
    assert [page.jpeg for page in one.pages] == [page.jpeg for page in two.pages]
    assert [page.writing for page in one.pages] == [page.writing for page in two.pages]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("hevc.mov", {"codec": "libx265", "options": {"x265-params": "log-level=none"}}),
        ("deep.mp4", {"pixel_format": "yuv420p10le"}),
        ("vp9.webm", {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}}),
        ("av1.mp4", {"codec": "libsvtav1", "options": {"preset": "12"}}),
        ("prores.mov", {"codec": "prores_ks", "options": {}, "pixel_format": "yuv422p10le"}),
        ("mjpeg.avi", {"codec": "mjpeg", "options": {}, "pixel_format": "yuvj420p"}),
        ("b_frames.mkv", {"gop": 250, "options": {"preset": "veryfast", "bf": "3"}}),
    ],
)
def test_codecs_phones_and_messengers_use_are_read(
    film: Film, name: str, changes: dict[str, Any]
) -> None:
    path, truth = film(name, **changes)
    assert score_pages(analyse(path).pages, truth, 0.0).exact


def test_fast_mode_decodes_a_part_and_is_refused_where_key_frames_are_rare(film: Film) -> None:
    path, truth = film(seed=44, hold=(2.2, 2.6), gop=15)
    slow, quick = analyse(path), analyse(path, fast=True)
    assert quick.extracted.decoded < 0.5 * slow.extracted.decoded
    assert score_pages(quick.pages, truth, 0.0).exact
    rare, _ = film(gop=250)
    assert "fast_mode_refused" in analyse(rare, fast=True).warnings


def test_time_that_runs_out_is_told_with_the_place_to_go_on(film: Film) -> None:
    path, _ = film(pages=5, seed=41)
    asked = iter(range(1000))
    found = analyse(path, out_of_time=lambda: next(asked) > 15)
    assert 0 < len(found.pages) < 5
    assert found.extracted.resume_at is not None
    assert any(said.startswith("processing_timeout") for said in found.warnings)


def test_more_pages_than_asked_for_are_told(film: Film) -> None:
    path, _ = film()
    found = analyse(path, max_pages=2)
    assert len(found.pages) == 2
    assert "max_pages: 2 of 3 pages reported" in found.warnings


def test_the_contact_sheet_shows_every_page(film: Film) -> None:
    path, _ = film()
    pages = analyse(path).pages
    sheet = contact_sheet(pages, columns=2)
    assert sheet.shape == (2 * 282, 480, 3)
    cells = [sheet[:240, :240], sheet[:240, 240:], sheet[282:522, :240]]
    assert all(np.ptp(cell) > 100 for cell in cells)
    assert np.ptp(sheet[282:522, 240:]) == 0
    assert decode(pages[0].jpeg).shape == (854, 480, 3)
