"""The results page says what was met, what was missed and what was tried."""

from datetime import date

from benchmarks.results.page import Run, markdown
from benchmarks.results.row import at_least, at_most
from benchmarks.results.sections import SECTIONS, section

ROWS = [at_least("right %", 99.9, 99.7, shown=".1f"), at_most("flagged %", 9.0, 4, peer="12")]


def page(**changes: object) -> str:
    run = {"day": date(2026, 1, 2), "full": False, "seconds": 60.0, "failed": {}}
    return markdown(Run(**({"rows": {"omr_grading": ROWS}} | run | changes)))  # type: ignore[arg-type]


def test_a_missed_bar_is_told_with_what_was_tried() -> None:
    text = page()

    assert "1 of 2 bars met" in text
    assert "* `omr_grading`, flagged %: 9.000, wanted ≤ 4." in text
    assert "omr.md" in text
    assert "| right % | 99.9 | ≥ 99.7 | met |" in text


def test_where_nothing_is_missed_the_page_says_so() -> None:
    assert "Nothing." in page(rows={"omr_grading": ROWS[:1]})


def test_a_section_that_could_not_be_measured_is_named() -> None:
    assert "`ocr` could not be measured: no Tesseract" in page(failed={"ocr": "no Tesseract"})


def test_each_section_has_a_measurement_and_a_line_for_what_was_tried() -> None:
    for name in SECTIONS:
        assert callable(section(name))
        assert page(rows={name: ROWS})
