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
from dataclasses import dataclass
from pathlib import Path

from functions.wrong_note.app import run
from jobs.contract.wrong_note import WrongNotePayload
from tests.generators.wrong_note.notes import FolderWorkspace, random_note

BAR_SECONDS, BAR_MB = 1.0, 250
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Rendered:
    """CPU s of the first and of further notes, pages and bytes of the last PDF, peak MB."""

    first: float
    following: float
    pages: int
    pdf_bytes: int
    peak: float


def rendered(questions: int, formulas: int, *, crops: bool) -> Rendered:
    """Write notes of other numbers in this process, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = FolderWorkspace(Path(folder))
        times, pages = [], 0
        for seed in range(ROUNDS + 1):
            note = random_note(random.Random(seed), workspace, questions, formulas, crops)
            payload = WrongNotePayload.model_validate(note)
            started = time.process_time()
            pages = run(payload, workspace).pages
            times.append(time.process_time() - started)
        size = (Path(folder) / "wrong-note.pdf").stat().st_size
    return Rendered(times[0], statistics.median(times[1:]), pages, size, _peak_mb())


def main() -> None:
    """Print one line per measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--formulas", type=int, default=3, help="per question")
    parser.add_argument("--crops", action="store_true", help="every question is a picture")
    wanted = parser.parse_args()
    before = _peak_mb()
    note = rendered(wanted.questions, wanted.formulas, crops=wanted.crops)
    print(f"{wanted.questions} questions, {note.pages} pages, PDF {note.pdf_bytes / 1000:.0f} kB")
    print(f"first {note.first:.2f} s CPU, next {note.following:.2f} s CPU (bar {BAR_SECONDS} s)")
    print(f"peak memory {note.peak:.0f} MB (bar {BAR_MB} MB; {before:.0f} MB after imports)")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
