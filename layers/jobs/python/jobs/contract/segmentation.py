"""Job `question_segmentation`: where the questions are on a page."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from jobs.contract.base import Box, DownloadUrl, Payload, Result, Score

Number = Annotated[int, Field(ge=0, le=9999)]


class TemplateQuestion(Payload):
    """One question of a template; `box` is x, y, width, height in the template's units."""

    number: Number
    box: Annotated[list[float], Field(min_length=4, max_length=4)]


class SegmentationTemplate(Payload):
    """Boxes on a page of known size; `page_width` and `page_height` in the boxes' units (mm)."""

    page_width: Annotated[float, Field(gt=0)]
    page_height: Annotated[float, Field(gt=0)]
    questions: Annotated[list[TemplateQuestion], Field(min_length=1, max_length=300)]


class SegmentationPayload(Payload):
    """A picture or PDF of exam pages.

    `engine` None takes the deployment's. `template` gives the boxes for engine `template`;
    `template_url` is a picture of the blank page it belongs to, on which the page is registered
    (without it the page must fill the picture). `crops` asks for a PNG of each item, `annotate`
    for a picture of the page with its boxes.
    """

    download_url: DownloadUrl
    engine: Literal["auto", "opencv", "yolo", "template"] | None = None
    template: SegmentationTemplate | None = None
    template_url: DownloadUrl | None = None
    crops: bool = False
    annotate: bool = True

    @model_validator(mode="after")
    def _template_is_complete(self) -> "SegmentationPayload":
        if self.engine == "template" and self.template is None:
            raise ValueError("engine template needs the field template")
        return self


class SegmentationItem(Result):
    """A question, or a passage that several questions share.

    `number` is the printed one (of a passage: the first it applies to), None where the engine
    cannot read it. `applies_to` lists the questions of a passage. `page` and `column` count
    from 0. `parts` are all boxes of an item that goes on in the next column. `crop_ref` is
    where its picture lies.
    """

    type: Literal["question", "passage"]
    number: int | None
    applies_to: list[int] = []
    box: Box
    parts: list[Box] = []
    page: int = 0
    column: int = 0
    confidence: Score
    crop_ref: str | None = None


class SegmentationPage(Result):
    """One page; `angle` is by how many degrees it was turned clockwise in the picture.

    `width` and `height` are those of the picture in px. `engine` is the one that answered, `note`
    why another did not, `reason` why nothing was found, `annotated_ref` where the picture with
    the boxes lies.
    """

    index: int = 0
    width: int
    height: int
    angle: float
    columns: int
    engine: Literal["opencv", "yolo", "template"]
    provider: str | None = None
    reason: str | None = None
    note: str | None = None
    annotated_ref: str | None = None


class SegmentationResult(Result):
    """`boxes` of all items in reading order, page by page; `page` is the first of `pages`.

    `reason` says why there are no boxes.
    """

    boxes: list[Box]
    items: list[SegmentationItem] = []
    page: SegmentationPage
    pages: list[SegmentationPage]
    engine: Literal["opencv", "yolo", "template"]
    reason: str | None = None
