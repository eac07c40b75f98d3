"""From a payload of `ocr` to its result."""

from pathlib import Path

from analysis.image import kind_of, read_pages
from analysis.ocr.choices import parse_choices
from analysis.ocr.pdf_text import text_layers
from analysis.ocr.reading import Reading, weighted_confidence
from file_type import HEAD_BYTES
from functions.ocr.engines import engine_for
from jobs.contract.ocr import OcrChoice, OcrLine, OcrPage, OcrPayload, OcrResult
from jobs.workspace import FileKind, Workspace


def read(payload: OcrPayload, workspace: Workspace) -> OcrResult:
    """Fetch the file and read its pages in order, one in memory at a time."""
    engine = engine_for(payload, workspace.tier, workspace.remaining())
    path = workspace.fetch(payload.download_url, FileKind.IMAGE)
    layers = _layers(path) if payload.text_layer else []
    pages: list[OcrPage] = []
    readings: list[Reading] = []
    for page in read_pages(path):
        reading = _page_reading(layers, page.index) or engine.read(page.image)
        readings.append(reading)
        height, width = page.image.shape[:2]
        pages.append(_page(reading, page.index, width, height))
    return _result(readings, pages)


def _layers(path: Path) -> list[Reading | None]:
    with path.open("rb") as file:
        return text_layers(path) if kind_of(file.read(HEAD_BYTES)) == "pdf" else []


def _page_reading(layers: list[Reading | None], index: int) -> Reading | None:
    return layers[index] if index < len(layers) else None


def _page(reading: Reading, index: int, width: int, height: int) -> OcrPage:
    return OcrPage(
        index=index,
        width=width,
        height=height,
        text=reading.text,
        confidence=reading.confidence,
        engine=reading.engine,
        rotation=reading.rotation,
        reason=reading.reason,
        notes=list(reading.notes),
    )


def _result(readings: list[Reading], pages: list[OcrPage]) -> OcrResult:
    words = [word for reading in readings for line in reading.lines for word in line.words]
    return OcrResult(
        text="\n".join(page.text for page in pages if page.text),
        confidence=weighted_confidence(words) if words else None,
        lines=[
            OcrLine(text=line.text, box=list(line.box), confidence=line.confidence, page=index)
            for index, reading in enumerate(readings)
            for line in reading.lines
        ],
        choices=[
            OcrChoice(number=choice.number, text=choice.text, page=page.index)
            for page in pages
            for choice in parse_choices(page.text)
        ],
        engine=pages[0].engine,
        languages=list(readings[0].languages),
        rotation=pages[0].rotation,
        pages=pages,
        reason=None if words else pages[0].reason,
    )
