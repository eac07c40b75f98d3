"""From payload to result: pages in, items, crops and annotated pictures out."""

from functools import lru_cache
from pathlib import Path

import cv2

from analysis.image import Image, encode_jpeg, read_image, read_pages
from analysis.segmentation.annotate import annotate
from analysis.segmentation.engines import Detector, Engine, Options, Template, segment_page
from analysis.segmentation.types import Item, Segmentation
from faults import Code, Permanent
from jobs.contract.segmentation import (
    SegmentationItem,
    SegmentationPage,
    SegmentationPayload,
    SegmentationResult,
    SegmentationTemplate,
)
from jobs.settings import EnvSettings
from jobs.workspace import FileKind, Workspace


class SegmentationSettings(EnvSettings):
    """`yolo_question_model_path` is an ONNX detector in the image; unset leaves `yolo` off.

    Thresholds 0-1: least confidence of a detection, most overlap of two, and the mean confidence
    from which `auto` trusts the detector.
    """

    question_segmentation_engine: Engine = "auto"
    yolo_question_model_path: Path | None = None
    yolo_question_conf_threshold: float = 0.4
    yolo_question_iou_threshold: float = 0.5
    yolo_question_trust: float = 0.5


@lru_cache
def _settings() -> SegmentationSettings:
    return SegmentationSettings.load()


def segment(payload: SegmentationPayload, workspace: Workspace) -> SegmentationResult:
    """Answer one job; pages are read one at a time."""
    options = _options(payload, workspace)
    pages: list[SegmentationPage] = []
    items: list[SegmentationItem] = []
    for page in read_pages(workspace.fetch(payload.download_url, FileKind.IMAGE)):
        found = segment_page(page.image, options)
        pages.append(_page(payload, workspace, page.index, page.image, found))
        items += [
            _item(payload, workspace, page.index, page.image, item, place)
            for place, item in enumerate(found.items)
        ]
    return SegmentationResult(
        boxes=[item.box for item in items],
        items=items,
        page=pages[0],
        pages=pages,
        engine=pages[0].engine,
        reason=None if items else pages[0].reason,
    )


def _options(payload: SegmentationPayload, workspace: Workspace) -> Options:
    settings = _settings()
    engine = payload.engine or settings.question_segmentation_engine
    detector = None
    if settings.yolo_question_model_path is not None:
        detector = Detector(
            path=settings.yolo_question_model_path,
            least_confidence=settings.yolo_question_conf_threshold,
            most_overlap=settings.yolo_question_iou_threshold,
            trust=settings.yolo_question_trust,
        )
    template = None
    if payload.template is not None and engine in ("auto", "template"):
        template = _template(payload.template, payload.template_url, workspace)
    if engine == "template" and template is None:
        raise Permanent(Code.TEMPLATE_INVALID, "engine template needs the field template")
    return Options(engine=engine, detector=detector, template=template)


def _template(meta: SegmentationTemplate, url: str | None, workspace: Workspace) -> Template:
    blank = None if url is None else read_image(workspace.fetch(url, FileKind.IMAGE))
    return Template(
        size=(meta.page_width, meta.page_height),
        boxes=tuple(
            (question.number, (question.box[0], question.box[1], question.box[2], question.box[3]))
            for question in meta.questions
        ),
        blank=blank,
    )


def _page(
    payload: SegmentationPayload,
    workspace: Workspace,
    index: int,
    image: Image,
    found: Segmentation,
) -> SegmentationPage:
    reference = None
    if payload.annotate:
        picture = encode_jpeg(annotate(image, found.items), 80)
        reference = workspace.put(f"annotated/page{index + 1}.jpg", picture, "image/jpeg")
    return SegmentationPage(
        index=index,
        width=image.shape[1],
        height=image.shape[0],
        angle=found.angle,
        columns=found.columns,
        engine=found.engine,
        provider=found.provider,
        reason=found.reason,
        note=found.note,
        annotated_ref=reference,
    )


def _item(
    payload: SegmentationPayload,
    workspace: Workspace,
    page: int,
    image: Image,
    item: Item,
    place: int,
) -> SegmentationItem:
    reference = None
    if payload.crops:
        x, y, w, h = item.box
        data = cv2.imencode(".png", image[y : y + h, x : x + w])[1].tobytes()
        name = f"crops/p{page + 1}-{place + 1:02d}-{item.kind[0]}{item.number or 0}.png"
        reference = workspace.put(name, data, "image/png")
    return SegmentationItem(
        type=item.kind.value,
        number=item.number,
        applies_to=list(item.applies_to),
        box=list(item.box),
        parts=[list(part) for part in item.parts],
        page=page,
        column=item.column,
        confidence=item.confidence,
        crop_ref=reference,
    )
