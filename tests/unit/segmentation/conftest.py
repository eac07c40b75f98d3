"""Rendered pages shared by the tests of this folder."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.generators.exam_pages.page import Page, Style, render

NANUM = Path("/usr/share/fonts/truetype/nanum")


@pytest.fixture(scope="session")
def style() -> Style:
    return Style(NANUM / "NanumGothic.ttf", NANUM / "NanumGothicBold.ttf")


@pytest.fixture(scope="session")
def page(style: Style) -> Page:
    return render(np.random.default_rng(21), style, first=5)


@pytest.fixture(scope="session")
def picture(page: Page):
    return cv2.cvtColor(page.image, cv2.COLOR_GRAY2BGR)
