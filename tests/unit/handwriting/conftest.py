"""Rendered pages, blank and written on, shared by the tests of this folder."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.generators.exam_pages.page import Page, Style, render
from tests.generators.handwriting.pages import Sources, write

NANUM = Path("/usr/share/fonts/truetype/nanum")


@dataclass(frozen=True)
class Sheets:
    """One page (BGR) with 0, 2, 5, … marks of one hand, each set holding the smaller ones."""

    page: Page
    unit: int
    written: dict[int, np.ndarray]


@pytest.fixture(scope="session")
def sheets() -> Sheets:
    style = Style(
        NANUM / "NanumMyeongjo.ttf", NANUM / "NanumMyeongjoBold.ttf", text=29, figures=False
    )
    page = render(np.random.default_rng(31), style, first=3)
    written = {0: cv2.cvtColor(page.image, cv2.COLOR_GRAY2BGR)}
    for marks in (2, 5, 15):
        rng = np.random.default_rng(17)
        written[marks] = write(page.image, marks, style.text, rng, Sources())[0]
    return Sheets(page, style.text, written)
