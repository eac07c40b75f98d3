"""Which engine segments a page, and what `auto` does."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from analysis.image import Image
from analysis.segmentation.layout import segment_layout
from analysis.segmentation.types import Segmentation
from faults import Code, Permanent

Engine = Literal["auto", "opencv", "yolo", "template"]


@dataclass(frozen=True, slots=True)
class Detector:
    """An ONNX detector and its thresholds, 0-1; from mean confidence `trust` on `auto` keeps it."""

    path: Path
    least_confidence: float = 0.4
    most_overlap: float = 0.5
    trust: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Known boxes: (number, xywh) in the units of `size` (w, h); `blank` is the page's picture."""

    size: tuple[float, float]
    boxes: tuple[tuple[int, tuple[float, float, float, float]], ...]
    blank: Image | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """What is configured."""

    engine: Engine = "auto"
    detector: Detector | None = None
    template: Template | None = None


def segment_page(image: Image, options: Options) -> Segmentation:
    """Segment a BGR picture of a page with the engine asked for.

    `auto` takes the template where one is given, then the detector where one is configured and
    trusts itself, else the built-in engine; `note` says what was passed over and why. Raises
    `Permanent(not_configured)` for an engine whose model or template is missing.
    """
    match options.engine:
        case "opencv":
            return segment_layout(image)
        case "yolo":
            return _detect(image, options)
        case "template":
            return _from_template(image, options)
        case _:
            return _auto(image, options)


def _auto(image: Image, options: Options) -> Segmentation:
    notes: list[str] = []
    if options.template is not None:
        try:
            return _from_template(image, options)
        except Permanent as error:
            notes.append(f"template: {error.message}")
    if options.detector is not None:
        try:
            found = _detect(image, options)
        except Permanent as error:
            notes.append(f"yolo: {error.message}")
        else:
            mean = sum(item.confidence for item in found.items) / max(1, len(found.items))
            if found.items and mean >= options.detector.trust:
                return replace(found, note="; ".join(notes) or None)
            notes.append(f"yolo: {found.reason or f'mean confidence {mean:.2f} is too low'}")
    return replace(segment_layout(image), note="; ".join(notes) or None)


def _detect(image: Image, options: Options) -> Segmentation:
    from analysis.segmentation.detector import detect

    if options.detector is None:
        raise Permanent(
            Code.NOT_CONFIGURED, "engine yolo needs a model; set YOLO_QUESTION_MODEL_PATH"
        )
    return detect(
        image,
        options.detector.path,
        options.detector.least_confidence,
        options.detector.most_overlap,
    )


def _from_template(image: Image, options: Options) -> Segmentation:
    from analysis.segmentation.template import place_template

    if options.template is None:
        raise Permanent(Code.TEMPLATE_INVALID, "engine template needs the field template")
    template = options.template
    return place_template(image, template.size, template.boxes, template.blank)
