from pathlib import Path

import pytest

from analysis.ocr.tesseract import TesseractEngine
from jobs.contract.message import Tier


class Folder:
    """A workspace whose URLs are local paths."""

    def __init__(self, left: float = 50.0, tier: Tier = Tier.BASIC) -> None:
        self.left = left
        self.tier = tier

    def fetch(self, url, kind):
        return Path(url)

    def put(self, name, data, content_type):
        raise AssertionError("ocr keeps no files")

    def remaining(self):
        return self.left


@pytest.fixture
def workspace() -> Folder:
    return Folder()


@pytest.fixture(scope="session")
def tesseract() -> TesseractEngine:
    return TesseractEngine()
