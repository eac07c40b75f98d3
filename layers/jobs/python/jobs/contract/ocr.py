"""Job `ocr`: the text of a picture or PDF."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from jobs.contract.base import Box, DownloadUrl, Payload, Result, Score

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}(_[a-z]{3,4})?$")]
"""Tesseract's name of a language: kor, eng, jpn, chi_sim."""


class OcrPayload(Payload):
    """A picture or PDF.

    `engine` None takes the deployment's. `languages` None takes kor and eng; `psm` is Tesseract's
    page segmentation mode (6: one block), None cuts a page into its columns. `consent` says that
    the student agreed to the picture being sent to Google; without it, or the deployment's
    consent for all, `google` is refused and `auto` leaves it out. `text_layer` False reads a
    PDF's pixels even where it carries text.
    """

    download_url: DownloadUrl
    engine: Literal["auto", "tesseract", "google", "paddle"] | None = None
    languages: Annotated[list[Language], Field(min_length=1, max_length=4)] | None = None
    psm: Annotated[int, Field(ge=3, le=13)] | None = None
    consent: bool = False
    text_layer: bool = True


class OcrLine(Result):
    """One line as printed; `page` counts from 0, `confidence` is 0-1.

    `box` is in px of the page's picture as sent (its Exif turn undone, `rotation` not).
    """

    text: str
    box: Box
    confidence: Score
    page: int = 0


class OcrChoice(Result):
    """A choice that begins with a circled number: `number` 1-9, `text` without it."""

    number: int
    text: str
    page: int = 0


class OcrPage(Result):
    """One page; `width` and `height` of its picture in px.

    `engine` is the one that answered, `pdf` where the page's text layer was taken. `rotation` is
    by how many degrees its text lies turned clockwise in the picture. `reason` says why there is
    no text, `notes` why other engines did not answer.
    """

    index: int
    width: int
    height: int
    text: str
    confidence: Score | None
    engine: str
    rotation: Literal[0, 90, 180, 270] = 0
    reason: str | None = None
    notes: list[str] = []


class OcrResult(Result):
    """`text` joins lines and pages with newlines.

    `confidence` is the mean over all pages by characters, None when nothing was read; then
    `reason` says why. `engine` and `rotation` are those of the first page.
    """

    text: str
    confidence: Score | None
    lines: list[OcrLine] = []
    choices: list[OcrChoice] = []
    engine: str
    languages: list[str] = []
    rotation: Literal[0, 90, 180, 270] = 0
    pages: list[OcrPage] = []
    reason: str | None = None
