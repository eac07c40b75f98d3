"""Shortcuts give what the plain computation gives."""

import cv2
import numpy as np
import pytest

from analysis.omr.bubble_finder import Rounds, find_rounds
from analysis.omr.lattice import nearest
from analysis.omr.mapping import SheetMap, project
from analysis.omr.nearest_round import NearestRound
from analysis.omr.pose import find_markers, poses
from analysis.omr.row_percentiles import percentiles
from analysis.omr.template import parse_template
from tests.unit.omr.conftest import picture


def test_percentiles_of_rows_are_those_of_numpy() -> None:
    samples = np.random.default_rng(0).random((40, 231)).astype(np.float32)
    wanted = np.percentile(samples, [0, 50, 85, 95, 100], axis=1)
    assert np.allclose(percentiles(samples, 0, 50, 85, 95, 100), wanted, atol=1e-6)
    grey = (255 * samples).astype(np.uint8)
    assert np.allclose(percentiles(grey, 50, 85), np.percentile(grey, [50, 85], axis=1), atol=1e-4)


@pytest.mark.parametrize("count", [1, 5, 60, 90])
def test_the_nearest_points_are_found_without_ranking_all(count: int) -> None:
    rng = np.random.default_rng(1)
    points, others = rng.random((30, 2)), rng.random((60, 2))
    apart = np.hypot(*(points[:, None] - others[None]).transpose(2, 0, 1))
    wanted = np.sort(apart, axis=1)[:, :count]
    found = np.take_along_axis(apart, nearest(points, others, count), axis=1)
    assert np.allclose(np.sort(found, axis=1), wanted)


def test_a_place_meets_the_round_next_to_it_and_none_off_the_picture() -> None:
    rng = np.random.default_rng(2)
    grid = np.stack(np.meshgrid(np.arange(40, 380, 40.0), np.arange(40, 280, 40.0)), -1)
    centers = grid.reshape(-1, 2) + rng.uniform(-4, 4, (grid.size // 2, 2))
    lookup = NearestRound.of(Rounds(centers, np.full(len(centers), 10.0)), (300, 400))
    places = centers + rng.uniform(-3, 3, centers.shape)
    radii = np.full(len(places), 10.0)
    found, distance = lookup.at(places)
    assert (found == np.arange(len(centers))).all()
    assert np.allclose(distance, np.hypot(*(places - centers).T))
    assert (lookup.met(places, radii, 0.45)[1] == np.arange(len(centers))).all()
    for off in ([-50.0, 40.0], [40.0, 900.0], [1e12, 40.0], [-1e12, -1e12]):
        assert not np.isfinite(lookup.at(np.array([off]))[1]).any()


def test_of_two_places_that_meet_one_round_the_nearer_keeps_it() -> None:
    lookup = NearestRound.of(Rounds(np.array([[50.0, 50.0]]), np.array([10.0])), (100, 100))
    places = np.array([[52.0, 50.0], [50.0, 51.0], [54.0, 50.0]])
    bubbles, rounds = lookup.met(places, np.full(3, 10.0), 0.45)
    assert bubbles.tolist() == [1]
    assert rounds.tolist() == [0]


def test_scale_is_what_a_small_step_on_the_flat_sheet_measures() -> None:
    homography = np.array([[7.0, 0.4, 90.0], [-0.3, 6.5, 40.0], [0.0006, -0.0004, 1.0]])
    points = np.random.default_rng(4).uniform(0, 200, (50, 2))
    step = 1e-4
    across = (project(homography, points + [step, 0]) - project(homography, points)) / step
    down = (project(homography, points + [0, step]) - project(homography, points)) / step
    wanted = np.sqrt(np.abs(across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]))
    assert np.allclose(SheetMap(homography, (297.0, 210.0)).scale_at(points), wanted, rtol=1e-4)


@pytest.mark.parametrize("quarters", range(4))
def test_where_markers_tell_a_sheet_s_turn_no_other_is_guessed(quarters: int) -> None:
    made, image = picture(9101, "scan_200", "clean")
    template = parse_template(made.meta)
    grey = cv2.cvtColor(np.ascontiguousarray(np.rot90(image, quarters)), cv2.COLOR_BGR2GRAY)
    rounds, markers = find_rounds(grey), find_markers(grey, template)
    assert markers is not None
    every = [pose.method for pose in poses(grey, rounds, template, None)]
    held = list(poses(grey, rounds, template, markers))
    assert sorted(4 * [pose.method for pose in held[1:]]) == sorted(every)
    for pose in held:
        off = np.hypot(*(project(pose.homography, markers.sheet) - markers.picture).T)
        assert np.median(off) < max(grey.shape) / 8
