"""Blank is a claim that a row has to earn."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.omr.decision import Status, decide
from analysis.omr.ink import SECTORS, Ink
from analysis.omr.marks import LIMITS, Arms, SheetScale
from analysis.omr.template import Choice

CHOICES = tuple(Choice(label, index) for index, label in enumerate("12345"))
SCALE = SheetScale(area=0.5, dark=0.8, blank=0.004, overflow=0.005)
VISIBLE = np.ones(5, np.bool_)


def clean() -> Ink:
    nothing, around = np.zeros(5), np.zeros((5, SECTORS))
    return Ink(
        nothing, nothing, nothing, around, around, nothing, nothing, VISIBLE & False, nothing
    )


def only(place: int, value: float) -> np.ndarray:
    return np.where(np.arange(5) == place, value, 0.0)


def read(ink: Ink) -> tuple[Status, tuple[str, ...]]:
    answer = decide(CHOICES, ink, Arms.of(ink, SCALE), SCALE, VISIBLE)
    return answer.status, answer.detected


def test_a_row_without_any_ink_is_blank() -> None:
    assert read(clean()) == (Status.BLANK, ())


@pytest.mark.parametrize(
    ("doubt", "likely"),
    [
        ({"tint": only(3, 1.1 * LIMITS.tint_guess * SCALE.area)}, ("4",)),
        ({"tint": only(3, 1.1 * LIMITS.tinted * SCALE.area)}, ()),
        ({"over": only(1, 1.1 * LIMITS.darker)}, ()),
        ({"borrowed": only(2, 1.0) > 0}, ()),
        ({"area": only(0, 0.03), "dark": only(0, 0.2), "middle": only(0, 0.03)}, ("1",)),
    ],
)
def test_a_row_that_may_hold_a_pale_mark_is_a_doubt(
    doubt: dict[str, np.ndarray], likely: tuple[str, ...]
) -> None:
    assert read(replace(clean(), **doubt)) == (Status.LOW_CONFIDENCE, likely)


@pytest.mark.parametrize(
    ("directions", "status"),
    [
        ([], Status.OK),
        ([15, 1], Status.OK),
        ([14, 1], Status.OK),
        ([2, 6, 10, 14], Status.LOW_CONFIDENCE),
        ([2, 10], Status.LOW_CONFIDENCE),
        ([2, 6], Status.LOW_CONFIDENCE),
    ],
)
def test_a_line_that_passes_beside_a_mark_does_not_cross_it_out(
    directions: list[int], status: Status
) -> None:
    ink = clean()
    around = ink.around.copy()
    around[1, directions] = 0.5
    full = {"area": only(1, 0.5), "middle": only(1, 0.5), "dark": only(1, 0.8)}
    assert read(replace(ink, around=around, **full)) == (status, ("2",))


def pale(place: int, dark: float = 1.2, area: float = 1.5) -> dict[str, np.ndarray]:
    """A lone pale mark, in shares of the least that is taken."""
    ink = area * LIMITS.pale_area * SCALE.area
    return {
        "area": only(place, ink),
        "middle": only(place, ink),
        "dark": only(place, dark * LIMITS.pale_dark * SCALE.dark),
    }


def test_a_lone_light_pencil_mark_is_an_answer() -> None:
    assert read(replace(clean(), **pale(2))) == (Status.OK, ("3",))


@pytest.mark.parametrize(
    "ink",
    [
        pale(2, dark=0.9),
        pale(2, area=0.9),
        pale(2) | {"area": pale(2)["area"] + 0.5 * pale(4)["area"]},
        pale(2) | {"around": np.full((5, SECTORS), 1.1 * LIMITS.pale_around * SCALE.dark)},
        pale(2) | {"rim": np.where(np.arange(5) == 4, 0.5, 0.0)[:, None] * np.ones(SECTORS)},
    ],
    ids=["as pale as an erasure", "as small as one", "a rival", "ink around", "another is ringed"],
)
def test_a_pale_mark_that_may_be_something_else_is_a_doubt(ink: dict[str, np.ndarray]) -> None:
    assert read(replace(clean(), **ink))[0] is Status.LOW_CONFIDENCE


def test_a_pale_mark_on_a_bilevel_scan_is_a_doubt() -> None:
    ink = replace(clean(), **pale(2))
    answer = decide(CHOICES, ink, Arms.of(ink, SCALE), SCALE, VISIBLE, bilevel=True)
    assert (answer.status, answer.detected) == (Status.LOW_CONFIDENCE, ("3",))


def test_on_a_sheet_of_pale_marks_a_paler_one_is_a_doubt() -> None:
    pencil = SheetScale(area=0.1, dark=0.2, blank=0.004, overflow=0.002)
    ink = replace(clean(), area=only(4, 0.015), middle=only(4, 0.015), dark=only(4, 0.1))
    answer = decide(CHOICES, ink, Arms.of(ink, pencil), pencil, VISIBLE)
    assert (answer.status, answer.detected) == (Status.LOW_CONFIDENCE, ("5",))


@pytest.mark.parametrize(
    ("printed", "status"), [(0.0, Status.OK), (0.2, Status.OK), (0.3, Status.LOW_CONFIDENCE)]
)
def test_ink_that_may_be_print_is_no_mark(printed: float, status: Status) -> None:
    full = {"area": only(1, 0.5), "middle": only(1, 0.5), "dark": only(1, 0.8)}
    ink = replace(clean(), suspect=np.full(5, printed), **full)
    assert read(ink) == (status, ("2",))


@pytest.mark.parametrize(
    ("ink", "status"), [(0.5, Status.OK), (1.6, Status.LOW_CONFIDENCE)], ids=["usual", "outsized"]
)
def test_a_rest_beside_a_mark_that_outdoes_a_pale_bilevel_sheet_is_a_doubt(
    ink: float, status: Status
) -> None:
    rest = 0.1 * ink
    row = replace(
        clean(), area=only(1, ink) + only(0, rest), middle=only(1, ink) + only(0, rest),
        dark=only(1, 0.8) + only(0, 0.1),
    )  # fmt: skip
    answer = decide(CHOICES, row, Arms.of(row, SCALE), SCALE, VISIBLE, bilevel=True)
    assert (answer.status, answer.detected) == (status, ("2",))
