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
    return Ink(nothing, nothing, nothing, around, around, nothing, nothing, VISIBLE & False)


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
