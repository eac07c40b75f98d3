"""What each hostile file costs to refuse, and the largest honest ones to read.

`python -m benchmarks.hostile_files` prints a Markdown table; every file is opened alone in a
process of its own, memory is its high-water mark above the loaded libraries.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image as Pil

from tests.generators.hostile import documents, pictures


def main() -> None:
    """Measure every file and print a row for each."""
    print("| file | kB | asks for | outcome | MB | child MB | CPU s |")
    print("|---|---:|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "file"
        for name, asks, make in _files():
            path.write_bytes(make())
            run = _measured(path)
            outcome = run["code"] or f"{run['pages']} page{'s' * (run['pages'] != 1)} read"
            print(
                f"| {name} | {path.stat().st_size / 1000:,.0f} | {asks} | {outcome} "
                f"| {run['megabytes']:.0f} | {run['child_megabytes']:.0f} | {run['seconds']:.2f} |"
            )


def _measured(path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.attack.measured_run", str(path)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return dict(json.loads(done.stdout))


def _files() -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    yield "PNG bomb", "900 megapixels", pictures.png_bomb
    yield "PNG text bomb", "1 GB of comments", pictures.png_text_bomb
    yield "JPEG header", "3,600 megapixels", lambda: pictures.jpeg_of_declared_size(60000, 60000)
    yield "JPEG scans", "20,000 passes over 4 megapixels", pictures.jpeg_scan_bomb
    yield "GIF, 10,000 frames", "10,000 frames", pictures.gif_frames
    yield "GIF comment", "hours of joining blocks", pictures.gif_comment_bomb
    yield "TIFF strips", "10 million objects", pictures.tiff_strip_bomb
    yield "TIFF tile", "one tile of 3,600 megapixels", pictures.tiff_tile_bomb
    yield "TIFF loop", "endless pages", pictures.tiff_loop
    yield "BMP header", "900 megapixels", pictures.bmp_bomb
    yield "WebP canvas", "268 megapixels", pictures.webp_bomb
    yield "HEIC that lies", "more than it declares", pictures.heif_lying_about_size
    yield "PDF page", "a page of 5 x 5 m", documents.huge_page
    yield "PDF picture", "900 megapixels", documents.huge_picture
    yield "PDF contents", "4 GB of commands", documents.inflating_contents
    yield "PDF forms", "12 to the 12th squares", documents.nested_forms
    yield "PDF pages", "5,000 pages", lambda: documents.plain(5000)
    for name in ("JPEG", "PNG", "TIFF", "WEBP"):
        yield f"honest {name}", "48 megapixels, turned", lambda name=name: _photo(name)


def _photo(format_name: str) -> bytes:
    shades = np.random.default_rng(5).integers(0, 255, (756, 1008, 3), np.uint8)
    exif = Pil.Exif()
    exif[pictures.EXIF_ORIENTATION] = 6
    photo = Pil.fromarray(shades).resize((8064, 6048), Pil.Resampling.NEAREST)
    return pictures.encoded(photo, format_name, exif=exif, quality=40, method=0)


if __name__ == "__main__":
    main()
