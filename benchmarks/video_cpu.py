"""CPU of reading a film against decoding it alone, on one thread, in the same run.

    python -m benchmarks.video_cpu FILM [FILM...]

Prints CPU s (not wall time), their ratio, the estimate's error and the peak memory. The estimate is
in CPU s of the core its rates were set on: it is compared at the speed at which this core decodes a
clip of its own, so that the error is the estimate's and not the machine's.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from analysis.video.extract import Extraction
from analysis.video.merge import merge
from analysis.video.source import opened, probe
from analysis.video.types import Segment
from tests.generators.video.film import Script, shoot

_CLIP = Script(
    seed=1, pages=3, hold=(1.0, 1.0), turn=(0.4, 0.4),
    options={"preset": "veryfast", "crf": "21", "bf": "0"},
)  # fmt: skip
_CLIP_SECONDS = 0.37
"""CPU s of decoding the clip on the core that `analysis.video.cost` speaks of."""


def cpu(work: Callable[[], object], times: int = 2) -> float:
    """Least CPU s of a few runs: a shared machine only ever adds to it."""
    found = []
    for _ in range(times):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


def decode_only(path: Path) -> None:
    with opened(path) as (container, stream):
        for packet in container.demux(stream):
            for _ in packet.decode():
                pass


def read(path: Path) -> None:
    probe(path)
    merge(list(Extraction(path, Segment(0.0, float("inf")))))


def slowness(times: int = 4) -> float:
    """CPU s the reference clip takes here, against the core that the estimate speaks of."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        shoot(_CLIP, path)
        return cpu(partial(decode_only, path), times) / _CLIP_SECONDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", type=Path, nargs="+")
    cv2.setNumThreads(1)
    heads = ("film", "codec", "size", "s", "decode", "read", "ratio", "est.")
    print("{:<14}{:>7}{:>11}{:>7}{:>9}{:>8}{:>7}{:>7}".format(*heads))
    errors = []
    with get_context("spawn").Pool(1) as beside:  # rendering the clip is not to count as memory
        slow = beside.apply(slowness)
    for path in parser.parse_args().films:
        facts = probe(path)
        plain, whole = cpu(partial(decode_only, path)), cpu(partial(read, path))
        errors.append(slow * facts.cost / whole - 1)
        size = f"{facts.width}x{facts.height}"
        print(
            f"{path.stem:<14}{facts.codec:>7}{size:>11}{facts.duration:>7.1f}{plain:>9.2f}"
            f"{whole:>8.2f}{whole / plain:>7.2f}{errors[-1]:>+7.0%}",
            flush=True,
        )
    within = float(np.mean(np.abs(errors) <= 0.25))
    print(
        f"estimate: {np.min(errors):+.0%} to {np.max(errors):+.0%}, "
        f"median {np.median(errors):+.0%}, {within:.0%} of films within 25 %"
    )
    print(f"the estimate taken {slow:.2f} times, as this core decodes")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
