"""The reading chain against plain Tesseract calls, on the same rendered questions.

    python -m benchmarks.ocr_engines [QUESTIONS A CONDITION]

Time is processor time, of child processes too, as a ratio to the English call; the seeds are not
those anything was tuned on.
"""

import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import pytesseract
from PIL import Image as Pil

from analysis.image import Image
from analysis.ocr.evaluation import choice_errors, errors
from analysis.ocr.pieces import words
from analysis.ocr.recognisers import InProcess, Program, Recogniser, data_path
from analysis.ocr.tesseract import TesseractEngine
from tests.generators.pages.question import CONDITIONS, random_crop

LANGUAGES = ("kor", "eng")
DATA = data_path(LANGUAGES)
SEED = 2027


def english_call(image: Image) -> str:
    """`image_to_data` with its defaults, words joined by newlines."""
    rgb = Pil.fromarray(image[:, :, ::-1])
    data = pytesseract.image_to_data(rgb, output_type=pytesseract.Output.DICT)
    return "\n".join(data["text"]).strip()


def plain(reader: Recogniser, psm: int) -> Callable[[Image], str]:
    def read(image: Image) -> str:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        lines = reader.lines(grey, LANGUAGES, psm)
        return "\n".join(" ".join(word.text for word in words(line)) for line in lines)

    return read


def chain(reader: Recogniser) -> Callable[[Image], str]:
    engine = TesseractEngine(LANGUAGES, reader=reader)
    return lambda image: engine.read(image).text


READERS: dict[str, Callable[[Image], str]] = {
    "English, defaults": english_call,
    "kor+eng, defaults": plain(InProcess(DATA), 3),
    "kor+eng, one block": plain(InProcess(DATA), 6),
    "chain on the program": chain(Program(DATA)),
    "chain in process": chain(InProcess(DATA)),
}


def seconds() -> float:
    """Processor time so far, children that ended included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader on one condition: error rates 0-1, choices read right 0-1, CPU s a question."""

    condition: str
    reader: str
    errors: float
    errors_with_blanks: float
    choices_right: float
    seconds: float


def readings(count: int, readers: Mapping[str, Callable[[Image], str]]) -> Iterator[Reading]:
    """Let each reader read the same `count` questions of each condition."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # for the programs; more threads only wait for each other
    cv2.setNumThreads(1)
    for index, condition in enumerate(CONDITIONS):
        rng = np.random.default_rng([SEED, index])
        crops = [random_crop(rng, condition) for _ in range(count)]
        for name, read in readers.items():
            read(crops[0].image)  # models are loaded once a process
            started = seconds()
            texts = [read(crop.image) for crop in crops]
            took = (seconds() - started) / count
            pairs = [(crop.text, text) for crop, text in zip(crops, texts, strict=True)]
            wrong, blanks, missed = (
                rate(measure, pairs) for measure in (errors, with_blanks, choice_errors)
            )
            yield Reading(condition, name, wrong, blanks, 1 - missed, took)


def main(count: int) -> None:
    print(f"Tesseract: in process {library_version()}, program {program_version()}")
    print("| questions | reader | CER | with blanks | choices right | time |")
    print("|---|---|---|---|---|---|")
    unit: dict[str, float] = {}
    for one in readings(count, READERS):
        base = unit.setdefault(one.condition, one.seconds)
        print(
            f"| {one.condition} | {one.reader} | {one.errors:.3f} | {one.errors_with_blanks:.3f} "
            f"| {one.choices_right:.2f} | {one.seconds / base:.2f} |",
            flush=True,
        )


def rate(measure: Callable[[str, str], tuple[int, int]], pairs: list[tuple[str, str]]) -> float:
    wrong, count = np.sum([measure(*pair) for pair in pairs], axis=0)
    return float(wrong / count)


def with_blanks(truth: str, read: str) -> tuple[int, int]:
    return errors(truth, read, spaces=True)


def library_version() -> str:
    import tesserocr

    return tesserocr.tesseract_version().split()[1]


def program_version() -> str:
    return str(pytesseract.get_tesseract_version())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
