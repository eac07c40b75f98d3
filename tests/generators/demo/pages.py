"""Render the demo's exam page, blank and written on, with its truth.

python -m tests.generators.demo.pages samples
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from tests.generators.exam_pages import degrade
from tests.generators.exam_pages.page import Style, render
from tests.generators.handwriting.pages import Sources, write

SEED = 20_260_323
FONTS = Path("/usr/share/fonts/truetype/nanum")
HANDS = ("NanumPen.ttf", "NanumBrush.ttf")
MARKS = 16
QUALITY = 80
SCALE = 0.75


def main(folder: Path) -> None:
    """Write pages/exam.jpg, exam.json, written.jpg and blank.jpg."""
    rng = np.random.default_rng(SEED)
    style = Style(FONTS / "NanumMyeongjo.ttf", FONTS / "NanumMyeongjoBold.ttf", figures=True)
    page = render(rng, style, first=1)
    hands = tuple(path for name in HANDS if (path := FONTS / name).exists())
    written, _ = write(page.image, MARKS, style.text, rng, Sources(fonts=hands))

    target = folder / "pages"
    target.mkdir(parents=True, exist_ok=True)
    for name, image in (
        ("exam", degrade.photo(page.image, rng).image),
        ("written", degrade.scan(written, rng).image),
        ("blank", page.image),
    ):
        small = cv2.resize(image, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(target / f"{name}.jpg"), small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    truth = {"questions": [item.number for item in page.items if item.kind == "q"]}
    (target / "exam.json").write_text(json.dumps(truth) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
