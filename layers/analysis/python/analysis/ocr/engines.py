"""Engine `auto`: several engines in order, until one has read something."""

from collections.abc import Callable
from dataclasses import replace

from analysis.image import Image
from analysis.ocr.reading import Engine, Reading
from faults import Code, Permanent, WorkerError

Build = Callable[[], Engine]
"""Builds an engine when its turn comes; raises `WorkerError` where it is not set up."""


class AutoEngine:
    """Tries engines in order; `notes` of the reading say why earlier ones did not answer."""

    name = "auto"

    def __init__(self, engines: dict[str, Build]) -> None:
        if not engines:
            raise Permanent(Code.NOT_CONFIGURED, "engine auto needs at least one engine")
        self._engines = engines

    def read(self, image: Image) -> Reading:
        """The first reading with text; without one the first empty reading.

        Raises the last engine's error where none could answer at all.
        """
        notes: list[str] = []
        empty: Reading | None = None
        failure: WorkerError | None = None
        for name, build in self._engines.items():
            try:
                reading = build().read(image)
            except WorkerError as error:
                notes.append(f"{name} did not answer: {error.code.value}")
                failure = error
                continue
            if reading.lines:
                return replace(reading, notes=(*notes, *reading.notes))
            notes.append(f"{name} found no text")
            empty = empty or reading
        if empty is not None:
            return replace(empty, notes=tuple(notes))
        raise failure or Permanent(Code.OCR_FAILED, "no engine answered")
