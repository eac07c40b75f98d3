"""Levelling a page and finding the way back to its picture."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.page_geometry import even_light, flatten, transform
from analysis.page_registration import register
from tests.generators.exam_pages import degrade


@pytest.mark.parametrize("degrees", [-6.0, -1.0, 0.4, 3.0, 8.0])
def test_the_angle_of_a_page_is_told(picture, degrees):
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    turned = cv2.warpAffine(picture, turn, (width, height), borderValue=(255, 255, 255))
    assert flatten(turned).angle == pytest.approx(degrees, abs=0.15)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_box_keeps_its_place_through_levelling_and_back(seed, picture):
    shot = degrade.photo(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.random.default_rng(seed))
    flat = flatten(cv2.cvtColor(shot.image, cv2.COLOR_GRAY2BGR))
    corners = np.array([[400.0, 600.0], [1200.0, 1800.0]])
    there = transform(corners, np.linalg.inv(flat.to_source))
    assert transform(there, flat.to_source) == pytest.approx(corners, abs=1e-6)
    box = np.concatenate([there[0], there[1] - there[0]])[None]
    x, y, w, h = flat.boxes_to_source(box, (picture.shape[1], picture.shape[0]))[0]
    # The upright box around a slightly turned one is a little larger, never smaller.
    assert x <= 400 + 1
    assert y <= 600 + 1
    assert w >= 800 - 2
    assert h >= 1200 - 2
    assert max(w - 800, h - 1200) < 120


def test_even_light_takes_a_shadow_and_leaves_ink():
    page = np.full((800, 600), 240, np.uint8)
    page[:, 300:] = 150
    page[396:404, 100:500] = (page[396:404, 100:500] * 0.3).astype(np.uint8)
    even = even_light(page)
    assert even[100, 100] > 235
    assert even[100, 500] > 235
    assert even[400, 200] < 100
    assert even[400, 450] < 110


def test_registration_finds_the_page_whatever_its_turn_and_scale(picture):
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 140, 0.7)
    found = register(cv2.warpAffine(grey, turn, (width, height), borderValue=255), grey)
    assert found is not None
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=float)
    expected = corners @ turn[:, :2].T + turn[:, 2]
    assert np.abs(transform(corners, found.to_page) - expected).max() < 4


def test_registration_refuses_an_empty_page(picture):
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    assert register(np.full_like(grey, 255), grey) is None
