"""From a payload of `ocr` to its result."""

from analysis.image import read_pages
from analysis.ocr.reading import Line, Reading
from analysis.ocr.tesseract import TesseractEngine
from jobs.contract.ocr import OcrLine, OcrPayload, OcrResult
from jobs.settings import EnvSettings
from jobs.workspace import FileKind, Workspace


class OcrSettings(EnvSettings):
    """`tessdata_prefix` is where `*.traineddata` lies; empty looks where Debian puts it."""

    ocr_engine: str = "tesseract"
    tessdata_prefix: str = ""


def read(payload: OcrPayload, workspace: Workspace) -> OcrResult:
    """Fetch the file and read its pages in order."""
    settings = OcrSettings.load()
    engine = TesseractEngine(data=settings.tessdata_prefix)
    path = workspace.fetch(payload.download_url, FileKind.IMAGE)
    return _result([engine.read(page.image) for page in read_pages(path)])


def _result(readings: list[Reading]) -> OcrResult:
    lines = [line for reading in readings for line in reading.lines]
    whole = Reading(tuple(lines), readings[0].engine, readings[0].languages)
    return OcrResult(
        text=whole.text,
        confidence=whole.confidence,
        lines=[_line(line) for line in lines],
        engine=whole.engine,
        languages=list(whole.languages),
    )


def _line(line: Line) -> OcrLine:
    return OcrLine(text=line.text, box=list(line.box), confidence=line.confidence)
