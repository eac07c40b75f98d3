"""Pictures for the report: what a job kept in the bucket, or boxes drawn on what was sent."""

import base64
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np

from analysis.image import Image, read_image
from faults import WorkerError

WIDTH = 900
"""px a picture is shown at most wide."""

QUALITY = 80
MAX_STORED = 6
"""Pictures of one job shown at most."""

_COLOUR = (200, 80, 20)
_SHOWN_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".pdf")


def data_uri(image: Image) -> str:
    """Encode a picture (BGR) as a JPEG data URI, at most `WIDTH` px wide."""
    shown = _narrow(image)
    _, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()


def with_boxes(path: Path, boxes: Sequence[Sequence[int]]) -> Image | None:
    """Draw boxes (x, y, width, height in px of the upright page) on a file's first page.

    None where the file is no picture.
    """
    try:
        image = np.ascontiguousarray(read_image(path))
    except WorkerError:
        return None
    line = max(2, image.shape[1] // 400)
    for x, y, width, height in boxes:
        cv2.rectangle(image, (x, y), (x + width, y + height), _COLOUR, line)
    return image


def stored_pictures(s3: Any, result: Mapping[str, Any]) -> list[Image]:
    """Fetch the pictures and documents' first pages a result refers to, whole pages first."""
    refs = sorted(dict.fromkeys(_refs(result)), key=lambda ref: not _whole_page(ref))
    found = (_fetch(s3, ref) for ref in refs[:MAX_STORED])
    return [image for image in found if image is not None]


def _whole_page(ref: str) -> bool:
    return any(word in ref for word in ("annotated", "audit", "contact"))


def _refs(value: Any) -> Iterator[str]:
    """Walk a result for references like `s3://bucket/key.png`."""
    if isinstance(value, str) and value.startswith("s3://"):
        if value.lower().endswith(_SHOWN_SUFFIXES):
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _refs(part)
    elif isinstance(value, list):
        for part in value:
            yield from _refs(part)


def _fetch(s3: Any, ref: str) -> Image | None:
    where = urlsplit(ref)
    body = s3.get_object(Bucket=where.netloc, Key=where.path.lstrip("/"))["Body"].read()
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        try:
            return read_image(Path(file.name))
        except WorkerError:
            return None


def _narrow(image: Image) -> Image:
    height, width = image.shape[:2]
    if width <= WIDTH:
        return image
    size = (WIDTH, round(height * WIDTH / width))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
