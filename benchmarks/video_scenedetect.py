"""PySceneDetect's histogram detector at its best threshold against ours, same films, same run.

    python -m pip install --target out/scenedetect --no-deps scenedetect platformdirs tqdm click
    PYTHONPATH=out/scenedetect python -m benchmarks.video_scenedetect FOLDER

FOLDER holds films with their truth. The middle frame of a scene is its picture. The threshold is
chosen on these very films, in PySceneDetect's favour. CPU s, one thread each.
"""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2

from analysis.video.evaluation import FilmScore, overall, score_pages
from analysis.video.extract import Extraction
from analysis.video.merge import merge
from analysis.video.types import Page, Segment, Writing

THRESHOLDS = (0.05, 0.1, 0.25, 0.4, 0.6, 0.8)


def middles(path: Path, threshold: float) -> list[float]:
    """s of the middle of each scene."""
    from scenedetect import detect
    from scenedetect.detectors import HistogramDetector

    fps = cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FPS)
    detector = HistogramDetector(threshold=threshold, min_scene_len=round(0.4 * fps))
    scenes = detect(str(path), detector, start_in_scene=True)
    return [(start.seconds + end.seconds) / 2 for start, end in scenes]


def score_times(times: list[float], truth: Mapping[str, Any], cpu: float) -> FilmScore:
    """Score pictures taken at some times as ours are scored."""
    nothing = Writing(0.0, 0.0, "unknown", 0.0)
    pages = [
        Page(number, 0, taken, taken, taken, 1, 0.0, False, b"", nothing)
        for number, taken in enumerate(times, start=1)
    ]
    return score_pages(pages, truth, cpu)


def best_times(path: Path) -> list[float]:
    """s of each page's picture as ours takes it, the writing not scored."""
    runs = list(Extraction(path, Segment(0.0, float("inf"))))
    return [runs[span.best].time for span in merge(runs)]


def show(name: str, scores: list[FilmScore]) -> None:
    figures = overall(scores)
    print(
        f"{name:<18} page F1 {figures['page F1']:.3f}, exact {figures['films exactly right']:.2f}, "
        f"good pictures {figures['good pictures']:.2f}, CPU {figures['CPU s']:.1f} s",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--films", type=int, default=6)
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    films = sorted(chosen.folder.glob("*.json"))[: chosen.films]
    truths = [json.loads(film.read_text()) for film in films]
    paths = [film.with_name(truth["file"]) for film, truth in zip(films, truths, strict=True)]
    for threshold in THRESHOLDS:
        scores = []
        for path, truth in zip(paths, truths, strict=True):
            begun = time.process_time()
            times = middles(path, threshold)
            scores.append(score_times(times, truth, time.process_time() - begun))
        show(f"histogram {threshold}", scores)
    ours = []
    for path, truth in zip(paths, truths, strict=True):
        begun = time.process_time()
        times = best_times(path)
        ours.append(score_times(times, truth, time.process_time() - begun))
    show("ours", ours)


if __name__ == "__main__":
    main()
