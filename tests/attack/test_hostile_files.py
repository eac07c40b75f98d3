"""Each hostile file, opened alone in a process: the right code, little memory, little time."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from analysis import limits
from faults import Code
from tests.generators.hostile import documents, pictures

REFUSED_MEGABYTES = 64
"""A refusal may hold the file (at most 30 MB) and its copy, never its pixels."""

CHILD_MEGABYTES = limits.PDF_BYTES / (1 << 20)


@dataclass(frozen=True)
class Outcome:
    pages: int
    code: str | None
    megabytes: float
    child_megabytes: float
    seconds: float


def opened(path: Path) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "tests.attack.measured_run", str(path)],
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        timeout=120,
    )
    return Outcome(**json.loads(done.stdout))


REFUSED: list[tuple[Callable[[], bytes], Code]] = [
    (pictures.png_bomb, Code.IMAGE_TOO_LARGE),
    (pictures.png_text_bomb, Code.IMAGE_UNREADABLE),
    (lambda: pictures.jpeg_of_declared_size(60_000, 60_000), Code.IMAGE_TOO_LARGE),
    (pictures.jpeg_scan_bomb, Code.IMAGE_TOO_LARGE),
    (pictures.tiff_strip_bomb, Code.IMAGE_TOO_LARGE),
    (pictures.tiff_tile_bomb, Code.IMAGE_TOO_LARGE),
    (pictures.tiff_loop, Code.DOCUMENT_TOO_LONG),
    (pictures.bmp_bomb, Code.IMAGE_TOO_LARGE),
    (pictures.webp_bomb, Code.IMAGE_TOO_LARGE),
    (pictures.heif_lying_about_size, Code.IMAGE_UNREADABLE),
    (documents.huge_page, Code.IMAGE_TOO_LARGE),
    (documents.huge_picture, Code.IMAGE_TOO_LARGE),
    (lambda: documents.plain(5000), Code.DOCUMENT_TOO_LONG),
]


@pytest.mark.parametrize(
    ("make", "code"),
    [pytest.param(*case, id=f"{index}-{case[1].value}") for index, case in enumerate(REFUSED)],
)
def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, make: Callable[[], bytes], code: Code
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(make())

    outcome = opened(path)

    assert outcome.code == code.value
    assert outcome.megabytes < REFUSED_MEGABYTES
    assert outcome.child_megabytes < 100
    assert outcome.seconds < 5


@pytest.mark.parametrize("make", [documents.inflating_contents, documents.nested_forms])
def test_a_pdf_that_asks_for_everything_dies_alone(
    tmp_path: Path, make: Callable[[], bytes]
) -> None:
    path = tmp_path / "bomb.pdf"
    path.write_bytes(make())

    outcome = opened(path)

    assert outcome.code == Code.DOCUMENT_UNREADABLE.value
    assert outcome.megabytes < REFUSED_MEGABYTES
    assert outcome.child_megabytes <= CHILD_MEGABYTES
    assert outcome.seconds < limits.PDF_CPU_SECONDS + 5


@pytest.mark.parametrize("make", [pictures.gif_frames, pictures.gif_comment_bomb])
def test_an_endless_gif_costs_its_first_frame(tmp_path: Path, make: Callable[[], bytes]) -> None:
    path = tmp_path / "long.gif"
    path.write_bytes(make())

    outcome = opened(path)

    assert (outcome.pages, outcome.code) == (1, None)
    assert outcome.megabytes < REFUSED_MEGABYTES
    assert outcome.seconds < 2


@pytest.mark.parametrize("format_name", ["JPEG", "WEBP"])
def test_the_largest_honest_photo_stays_within_its_bound(tmp_path: Path, format_name: str) -> None:
    """8064 x 6048 px: 195 MB in the decoder, 146 MB handed on, a turned copy of that.

    WebP's decoder keeps two canvases more.
    """
    shades = np.random.default_rng(5).integers(0, 255, (756, 1008, 3), np.uint8)
    exif = Pil.Exif()
    exif[pictures.EXIF_ORIENTATION] = 6
    photo = Pil.fromarray(shades).resize((8064, 6048), Pil.Resampling.NEAREST)
    path = tmp_path / "photo"
    photo.save(path, format_name, exif=exif, quality=40, method=0)

    outcome = opened(path)

    assert (outcome.pages, outcome.code) == (1, None)
    assert outcome.megabytes < (950 if format_name == "WEBP" else 600)
