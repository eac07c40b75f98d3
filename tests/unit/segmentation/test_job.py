"""The job: payload and files in, wire result out."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from faults import Code, Permanent
from functions.question_segmentation.app import run
from jobs.contract.segmentation import SegmentationPayload

_URL = "https://files.example/page"


class Folder:
    """A workspace that hands out one local file and keeps what is put."""

    def __init__(self, path: Path, more: dict[str, Path] | None = None) -> None:
        self.path = path
        self.more = more or {}
        self.kept: dict[str, bytes] = {}

    def fetch(self, url, kind):
        return self.more.get(url, self.path)

    def put(self, name, data, content_type):
        self.kept[name] = data
        return f"ref:{name}"

    def remaining(self):
        return 60.0


@pytest.fixture
def scan(tmp_path, picture):
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), picture)
    return path


def test_boxes_items_crops_and_picture(page, scan, picture):
    workspace = Folder(scan)
    result = run(SegmentationPayload(download_url=_URL, crops=True), workspace)
    assert result.boxes == [item.box for item in result.items]
    assert [item.number for item in result.items] == [item.number for item in page.items]
    assert result.page.columns == 2
    assert result.engine == "opencv"
    first = result.items[0]
    assert first.crop_ref is not None
    crop = cv2.imdecode(
        np.frombuffer(workspace.kept[first.crop_ref.removeprefix("ref:")], np.uint8), 1
    )
    x, y, w, h = first.box
    assert (crop == picture[y : y + h, x : x + w]).all()
    assert result.page.annotated_ref == "ref:annotated/page1.jpg"


def test_a_pdf_is_segmented_page_by_page(tmp_path, picture):
    path = tmp_path / "exam.pdf"
    sheet = Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    sheet.save(path, save_all=True, append_images=[sheet], resolution=200)
    result = run(SegmentationPayload(download_url=_URL, annotate=False), Folder(path))
    assert [page.index for page in result.pages] == [0, 1]
    per_page = [[i.number for i in result.items if i.page == index] for index in (0, 1)]
    assert per_page[0] == per_page[1] != []


def test_a_blank_page_is_an_answer_not_an_error(tmp_path):
    path = tmp_path / "blank.png"
    cv2.imwrite(str(path), np.full((600, 400, 3), 255, np.uint8))
    result = run(SegmentationPayload(download_url=_URL, annotate=False), Folder(path))
    assert result.boxes == []
    assert result.reason


def test_a_text_called_jpg_is_refused_by_code(tmp_path):
    path = tmp_path / "page.jpg"
    path.write_text("dear teacher")
    with pytest.raises(Permanent) as refused:
        run(SegmentationPayload(download_url=_URL), Folder(path))
    assert refused.value.code is Code.IMAGE_UNREADABLE


def test_a_template_in_the_payload_is_used(page, scan, picture):
    height, width = picture.shape[:2]
    template = {
        "page_width": width,
        "page_height": height,
        "questions": [{"number": i.number, "box": list(i.box)} for i in page.items],
    }
    payload = SegmentationPayload.model_validate(
        {
            "download_url": _URL,
            "engine": "template",
            "template": template,
            "template_url": "https://files.example/blank",
        }
    )
    result = run(payload, Folder(scan))
    assert result.engine == "template"
    assert np.abs(np.array(result.boxes) - [item.box for item in page.items]).max() < 5


def test_the_template_engine_needs_a_template():
    with pytest.raises(ValidationError):
        SegmentationPayload(download_url=_URL, engine="template")
