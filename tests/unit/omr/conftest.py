"""Sheets of the project's own generator, decoded once."""

from functools import lru_cache

import cv2
import numpy as np
import pytest

from analysis.image import Image
from tests.generators.omr.sheets import Filled, filled_sheet

SMOKE_SEEDS = range(9000, 9006)
"""Never tuned on."""


@lru_cache(maxsize=64)
def picture(seed: int, condition: str, marks: str = "typical") -> tuple[Filled, Image]:
    made = filled_sheet(seed, condition, marks=marks)
    image = cv2.imdecode(np.frombuffer(made.data, np.uint8), cv2.IMREAD_COLOR)
    return made, np.asarray(image, np.uint8)


@pytest.fixture
def clean() -> tuple[Filled, Image]:
    return picture(9100, "scan_200", "clean")
