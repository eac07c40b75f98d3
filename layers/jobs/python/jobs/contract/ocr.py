"""Job `ocr`: the text of a picture or PDF."""

from typing import Literal

from jobs.contract.base import Box, DownloadUrl, Payload, Result, Score


class OcrPayload(Payload):
    """`engine` None takes the deployment's; `google` needs the deployment's or job's consent."""

    download_url: DownloadUrl
    engine: Literal["auto", "tesseract", "google", "paddle"] | None = None


class OcrLine(Result):
    """One line as printed; `confidence` 0-1."""

    text: str
    box: Box
    confidence: Score


class OcrResult(Result):
    """`text` joins the lines with newlines; `confidence` is 0-1, None when nothing was read."""

    text: str
    confidence: Score | None
    lines: list[OcrLine] = []
    engine: str
    languages: list[str] = []
