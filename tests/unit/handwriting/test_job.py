"""The job: payload and files in, wire result out."""

from pathlib import Path

import cv2
import pytest
from PIL import Image

from faults import Code, Permanent
from functions.handwriting_analysis.app import run
from jobs.contract.handwriting import HandwritingPayload

_URL = "https://files.example/page"
_BLANK = "https://files.example/blank"


class Folder:
    """A workspace that hands out local files and keeps what is put."""

    def __init__(self, **paths: Path) -> None:
        self.paths = {_URL: paths["page"], _BLANK: paths.get("blank")}
        self.kept: dict[str, bytes] = {}

    def fetch(self, url, kind):
        return self.paths[url]

    def put(self, name, data, content_type):
        self.kept[name] = data
        return f"ref:{name}"

    def remaining(self):
        return 60.0


@pytest.fixture
def files(tmp_path, sheets):
    paths = {}
    for name, marks in (("page", 15), ("blank", 0)):
        paths[name] = tmp_path / f"{name}.png"
        cv2.imwrite(str(paths[name]), sheets.written[marks])
    return paths


def test_scores_regions_and_an_annotated_picture(files):
    workspace = Folder(**files)
    result = run(HandwritingPayload(download_url=_URL), workspace)
    assert result.writing_score > 0.9
    assert result.method == "shape"
    assert result.regions
    assert workspace.kept.keys() == {"annotated/page1.jpg"}
    assert result.pages[0].annotated_ref == "ref:annotated/page1.jpg"


def test_the_blank_is_subtracted(files):
    payload = HandwritingPayload(download_url=_URL, template_url=_BLANK, annotate=False)
    result = run(payload, Folder(**files))
    assert (result.method, result.note) == ("template", None)
    assert result.writing_score > 0.9


def test_a_documents_score_is_the_mean_of_its_pages(tmp_path, sheets):
    path = tmp_path / "homework.pdf"
    pages = [
        Image.fromarray(cv2.cvtColor(sheets.written[marks], cv2.COLOR_BGR2RGB)) for marks in (0, 15)
    ]
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=200)
    result = run(HandwritingPayload(download_url=_URL, annotate=False), Folder(page=path))
    scores = [page.writing_score for page in result.pages]
    assert result.writing_score == pytest.approx(sum(scores) / 2)
    assert scores[0] < 0.3 < 0.9 < scores[1]


def test_a_text_called_jpg_is_refused_by_code(tmp_path):
    path = tmp_path / "page.jpg"
    path.write_text("dear teacher")
    with pytest.raises(Permanent) as refused:
        run(HandwritingPayload(download_url=_URL), Folder(page=path))
    assert refused.value.code is Code.IMAGE_UNREADABLE
