"""Job `question_segmentation`: where the questions are on a page."""

from typing import Literal

from jobs.contract.base import Box, DownloadUrl, Payload, Result


class SegmentationPayload(Payload):
    """`engine` None takes the deployment's."""

    download_url: DownloadUrl
    engine: Literal["auto", "opencv", "yolo", "template"] | None = None


class SegmentationResult(Result):
    """`boxes` in reading order."""

    boxes: list[Box]
