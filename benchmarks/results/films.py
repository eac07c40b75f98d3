"""Pages of hard films, and the CPU of reading against decoding alone."""

import json
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from analysis.video.evaluation import evaluate_film, overall
from analysis.video.source import probe
from benchmarks.results.row import Row, at_least, at_most
from benchmarks.video_cpu import cpu, decode_only, read, slowness
from benchmarks.video_films import hard, plain, writing
from tests.generators.video.film import Script, shoot

SEED = 771_100
SMOKE_FILMS, FULL_FILMS = 3, 12
SEGMENTS = 6
BAR_ESTIMATE = 0.25
RATIO_BARS = {"h264 720p": 1.4, "h264 1080p": 1.5, "hevc 720p": 1.2}
PACE = "python -m benchmarks.video_films out/hard --hard && academy-worker video evaluate out/hard"


def rows(full: bool) -> Iterator[Row]:
    """Film books of a seed that nothing was tuned on, and read them."""
    cv2.setNumThreads(1)
    films = FULL_FILMS if full else SMOKE_FILMS
    with tempfile.TemporaryDirectory() as folder:
        yield from _pages(Path(folder), hard(SEED), films)
        yield from _writing(Path(folder), writing(SEED + 100), films)
        yield from _cost(Path(folder), plain(SEED + 200))


def _shot(folder: Path, scripts: list[Script], count: int, name: str) -> list[Path]:
    """Every so many of the films, so that few show several kinds."""
    chosen = scripts[:: max(1, len(scripts) // count)][:count]
    paths = [folder / f"{name}{place:02d}.mp4" for place in range(len(chosen))]
    for script, path in zip(chosen, paths, strict=True):
        shoot(script, path)
    return paths


def _pages(folder: Path, scripts: list[Script], count: int) -> Iterator[Row]:
    paths = _shot(folder, scripts, count, "hard")
    truths = [json.loads(path.with_suffix(".json").read_text("utf-8")) for path in paths]
    found = [evaluate_film(path, truth) for path, truth in zip(paths, truths, strict=True)]
    total = overall(found)
    films = f"{len(paths)} hard films, {sum(one.pages for one in found)} pages"
    yield at_least("page F1, hard set", total["page F1"], 0.98, peer=films)
    yield at_least("films exactly right", total["films exactly right"], 0.85, shown=".2f")
    yield at_least("pictures still, sharp, without a hand", total["good pictures"], 0.95)
    yield at_most("pictures taken in mid-turn", total["taken in mid-turn"], 0.01)
    parted = evaluate_film(paths[0], truths[0], segments=SEGMENTS)
    same = parted.found == found[0].found and parted.distinct == found[0].distinct
    yield at_least(
        f"same pages from {SEGMENTS} segments as from one",
        float(same),
        1,
        shown=".0f",
        command=PACE,
    )


def _writing(folder: Path, scripts: list[Script], count: int) -> Iterator[Row]:
    paths = _shot(folder, scripts, max(4, count), "writing")
    truths = [json.loads(path.with_suffix(".json").read_text("utf-8")) for path in paths]
    total = overall([evaluate_film(path, truth) for path, truth in zip(paths, truths, strict=True)])
    yield at_least("writing on films: AUC", total["writing AUC"], 0.97)
    yield at_most("writing on films: unwritten flagged", total["unwritten pages flagged"], 0.08)
    yield at_least("writing on films: lightly written found", total["lightly written found"], 0.85)


def _cost(folder: Path, scripts: list[Script]) -> Iterator[Row]:
    errors = []
    slow = slowness()
    for (name, bar), script in zip(
        RATIO_BARS.items(), (scripts[0], scripts[1], scripts[4]), strict=True
    ):
        path = folder / f"{name.replace(' ', '_')}.mp4"
        shoot(script, path)
        alone, whole = cpu(partial(decode_only, path)), cpu(partial(read, path))
        errors.append(abs(slow * probe(path).cost / whole - 1))
        yield at_most(
            f"{name}: CPU against decoding alone",
            whole / alone,
            bar,
            shown=".2f",
            peer=f"decoding alone {alone:.1f} s",
            command="python -m benchmarks.video_cpu FILM",
        )
    yield at_most(
        "estimate of the cost, at this core's speed: mean error",
        float(np.mean(errors)),
        BAR_ESTIMATE,
        peer=f"a core {slow:.2f} times as slow as the estimate's",
    )
