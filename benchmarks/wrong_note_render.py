"""Time and memory of a 40-question note, in a process of its own.

    .venv/bin/python -m benchmarks.wrong_note_render [--questions 40] [--crops] [--formulas 3]

CPU seconds are of one process: `first` with the libraries' imports and cold caches, `next` the
median of five further notes with other numbers, as a warm function has it. Memory is the peak.
"""

import argparse
import random
import resource
import statistics
import tempfile
import time
from pathlib import Path

from functions.wrong_note.app import run
from jobs.contract.wrong_note import WrongNotePayload
from tests.generators.wrong_note.notes import FolderWorkspace, random_note

BAR_SECONDS, BAR_MB = 1.0, 250
ROUNDS = 5


def main() -> None:
    """Print one line per measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--formulas", type=int, default=3, help="per question")
    parser.add_argument("--crops", action="store_true", help="every question is a picture")
    wanted = parser.parse_args()
    before = _peak_mb()
    with tempfile.TemporaryDirectory() as folder:
        workspace = FolderWorkspace(Path(folder))
        times, pages = [], 0
        for seed in range(ROUNDS + 1):
            note = random_note(
                random.Random(seed), workspace, wanted.questions, wanted.formulas, wanted.crops
            )
            payload = WrongNotePayload.model_validate(note)
            started = time.process_time()
            pages = run(payload, workspace).pages
            times.append(time.process_time() - started)
        size = (Path(folder) / "wrong-note.pdf").stat().st_size
    print(f"{wanted.questions} questions, {pages} pages, PDF {size / 1000:.0f} kB")
    print(f"first {times[0]:.2f} s CPU, next {statistics.median(times[1:]):.2f} s CPU", end=" ")
    print(f"(bar {BAR_SECONDS} s)")
    print(f"peak memory {_peak_mb():.0f} MB (bar {BAR_MB} MB; {before:.0f} MB after imports)")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
