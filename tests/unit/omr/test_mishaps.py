"""What is no mark in a bubble, or may hide one, is never an answer without a look."""

import pytest

from analysis.omr.decision import Status
from analysis.omr.reader import read_sheet
from analysis.omr.template import parse_template
from tests.generators.omr.mishaps import PAGE_MISHAPS, ROW_MISHAPS
from tests.unit.omr.conftest import picture

ACCEPTED = (Status.OK, Status.BLANK)
CONDITIONS = ("scan_200", "photo_messenger")


@pytest.mark.parametrize("mishap", [*ROW_MISHAPS, *PAGE_MISHAPS])
def test_a_mishap_is_flagged_or_read_as_a_person_would(mishap: str) -> None:
    for seed in range(9200, 9203):
        for condition in CONDITIONS:
            made, image = picture(seed, condition, mishap)
            sheet = read_sheet(image, parse_template(made.meta))
            if sheet.rejected:
                continue
            for answer, (number, wanted) in zip(sheet.answers, made.answers.items(), strict=True):
                same = list(answer.detected) == wanted
                assert same or answer.status not in ACCEPTED, (seed, condition, number)
            assert sheet.identifier is not None
            assert sheet.identifier.value in (None, made.identifier)
