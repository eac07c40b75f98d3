"""Job `handwriting_analysis`: how much a hand has added to a page."""

from typing import Annotated, Literal

from pydantic import Field

from jobs.contract.base import Box, DownloadUrl, Payload, Result, Score


class HandwritingPayload(Payload):
    """A page as photographed or scanned, or a PDF of such pages.

    `template_url` is a picture of the blank page: with it the print is subtracted and what
    remains is handwriting. `annotate` asks for a picture with the regions.
    """

    download_url: DownloadUrl
    template_url: DownloadUrl | None = None
    annotate: bool = True


class HandwritingRegion(Result):
    """A patch of handwriting; `score` 0-1 is how sure, `pen` red where a marking pen wrote."""

    box: Box
    kind: Literal["writing", "calculation", "mark"]
    score: Score
    pen: Literal["student", "red"]
    page: int = 0


class HandwritingPage(Result):
    """One page's share of the answer; fields as in the result."""

    index: int = 0
    width: int
    height: int
    writing_score: Score
    calculation_score: Score
    ink_ratio: Score
    method: Literal["template", "shape"]
    note: str | None = None
    annotated_ref: str | None = None


class HandwritingResult(Result):
    """Both scores are 0-1, near 0 on a blank print, and grow with the ink a hand added.

    `writing_score` counts the student's pens only; red teacher's marks are listed in `regions`.
    `calculation_score` grows with the share of handwriting set as lines of short signs, as
    worked sums are; it is a heuristic of layout and reads no formula. `ink_ratio` is the share
    of the page's area that handwriting inks. `method` is `template` where a blank page was
    subtracted, else `shape`; `note` says why a given template was not used. Of several pages the
    scores are means.
    """

    writing_score: Score
    calculation_score: Score
    ink_ratio: Annotated[float, Field(ge=0, le=1)] = 0.0
    regions: list[HandwritingRegion] = []
    method: Literal["template", "shape"] = "shape"
    pages: list[HandwritingPage] = []
    note: str | None = None
