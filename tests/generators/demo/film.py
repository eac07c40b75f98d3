"""Render the demo's homework video and how many pages it shows.

python -m tests.generators.demo.film samples
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from tests.generators.video.film import Script, shoot

SCRIPT = Script(
    seed=20_260_323,
    pages=3,
    size=(540, 960),
    hold=(2.0, 2.6),
    shake=0.6,
    fps=24,
    gop=24,
    options={"preset": "slow", "crf": "30"},
)


def main(folder: Path) -> None:
    """Write video/homework.mp4 and homework.json."""
    target = folder / "video"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        film = Path(scratch, "homework.mp4")
        shoot(SCRIPT, film)
        shutil.copyfile(film, target / film.name)
    truth = {"pages": SCRIPT.pages}
    (target / "homework.json").write_text(json.dumps(truth) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
