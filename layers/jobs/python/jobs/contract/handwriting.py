"""Job `handwriting_analysis`: how much a hand has added to a page."""

from jobs.contract.base import DownloadUrl, Payload, Result, Score


class HandwritingPayload(Payload):
    """A page as photographed or scanned."""

    download_url: DownloadUrl


class HandwritingResult(Result):
    """Both scores are 0 on a blank print and grow with the ink a hand added."""

    writing_score: Score
    calculation_score: Score
