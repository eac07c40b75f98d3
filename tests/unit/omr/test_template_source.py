"""A page is read under the template its QR names; the API's templates are kept by version."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray

from analysis.omr.sheet_pdf import sheet_pdf
from analysis.omr.standard_form import standard_meta
from faults import Code, Permanent, Unavailable
from functions.omr_grading.template_source import TemplateSource
from jobs import limits
from jobs.contract.omr import OmrPayload
from tests.generators.omr.sheets import FONT

LINK = {"download_url": "https://files.example.kr/sheet.jpg"}


@lru_cache
def printed(count: int) -> NDArray[np.uint8]:
    """A blank sheet as printed, at 150 dpi, grey."""
    page = pypdfium2.PdfDocument(sheet_pdf(standard_meta(count), FONT))[0]
    return cv2.cvtColor(page.render(scale=150 / 72).to_numpy()[:, :, :3], cv2.COLOR_BGR2GRAY)


class Api:
    """Serves the standard forms; counts what it is asked; `down` and `versions` can be set."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.down = False
        self.version = 1
        self.now = 0.0

    def ask(self, count: int) -> Mapping[str, Any]:
        self.asked.append(count)
        if self.down:
            raise Unavailable("the template API", "no answer")
        if count == 10:
            raise Permanent(Code.TEMPLATE_UNAVAILABLE, "no such template")
        meta = standard_meta(count)
        name = f"{meta['template_id']}/{self.version}"
        return meta | {"version": self.version, "code": meta["code"] | {"payload": name}}

    def source(self) -> TemplateSource:
        return TemplateSource(self.ask, lambda: self.now)


def payload(**fields: Any) -> OmrPayload:
    return OmrPayload.model_validate(LINK | fields)


@pytest.mark.parametrize("count", [20, 30])
def test_each_page_of_a_mixed_batch_gets_the_template_its_code_names(count: int) -> None:
    metas = [standard_meta(n) for n in (10, 20, 30)]
    template, doubt = TemplateSource().of(payload(template_metas=metas), printed(count))
    assert (len(template.questions), doubt) == (count, None)


def test_a_page_whose_code_names_another_sheet_of_the_api_is_read_as_that() -> None:
    template, doubt = Api().source().of(payload(question_count=20), printed(30))
    assert (len(template.questions), doubt) == (30, None)


def test_a_page_whose_code_names_no_known_sheet_is_another_form() -> None:
    _, doubt = TemplateSource().of(payload(template_meta=standard_meta(20)), printed(30))
    assert doubt == "wrong_form"


def test_a_page_printed_from_another_version_is_told() -> None:
    api = Api()
    api.version = 2
    template, doubt = api.source().of(payload(question_count=20), printed(20))
    assert (len(template.questions), doubt) == (20, "template_version")


def test_a_mixed_batch_whose_code_cannot_be_read_is_told() -> None:
    metas = [standard_meta(n) for n in (10, 20)]
    blank = np.full((1000, 1400), 255, np.uint8)
    assert TemplateSource().of(payload(template_metas=metas), blank)[1] == "code_unread"


def test_the_api_is_asked_anew_only_when_a_template_has_aged() -> None:
    api = Api()
    source = api.source()
    first = source.from_api(20)
    api.now = limits.TEMPLATE_SECONDS - 1
    assert source.from_api(20) is first
    assert api.asked == [20]
    api.now = limits.TEMPLATE_SECONDS + 1
    assert source.from_api(20) is first, "unchanged: not parsed again"
    assert api.asked == [20, 20]


def test_another_version_replaces_the_template_that_was_known() -> None:
    api = Api()
    source = api.source()
    source.from_api(20)
    api.version, api.now = 2, limits.TEMPLATE_SECONDS + 1
    assert source.from_api(20).code.endswith("/2")


def test_a_known_template_serves_while_the_api_is_down_and_an_unknown_one_waits() -> None:
    api = Api()
    source = api.source()
    first = source.from_api(20)
    api.down, api.now = True, limits.TEMPLATE_SECONDS + 1
    assert source.from_api(20) is first
    with pytest.raises(Unavailable):
        source.from_api(30)
