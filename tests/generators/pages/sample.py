"""Write the demo's sample: a photographed question and its truth.

python -m tests.generators.pages.sample samples/ocr
"""

import json
import sys
from pathlib import Path

import numpy as np

from analysis.image import encode_jpeg
from tests.generators.exam_pages import degrade
from tests.generators.pages.content import CHOICES, HINTS, STEMS, Question
from tests.generators.pages.question import FONTS, render


def main(folder: Path) -> None:
    """Render, photograph and save it as `question.jpg` and `question.json`."""
    rng = np.random.default_rng(20)
    question = Question(17, STEMS[6], None, HINTS[:3], CHOICES[2])
    crop = render(question, FONTS[0], size=34, width=900)
    image = degrade.photo(crop.image, rng).image
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "question.jpg").write_bytes(encode_jpeg(image, 85))
    truth = {"text": crop.text, "choices": {str(n): text for n, text in crop.choices.items()}}
    (folder / "question.json").write_text(
        json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
