"""Blank is a claim that a row has to earn."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.omr.decision import Status, decide
from analysis.omr.ink import SECTORS, Ink
from analysis.omr.marks import LIMITS, Arms, SheetScale, sheet_scale
from analysis.omr.standard_form import standard_meta
from analysis.omr.template import Choice, Template, parse_template

CHOICES = tuple(Choice(label, index) for index, label in enumerate("12345"))
SCALE = SheetScale(
    area=0.5, dark=0.8, blank=0.0125, middle=0.0125, trace=0.08, over=LIMITS.darker, overflow=0.005
)
VISIBLE = np.ones(5, np.bool_)


def clean() -> Ink:
    nothing, around = np.zeros(5), np.zeros((5, SECTORS))
    return Ink(
        area=nothing, middle=nothing, dark=nothing, rim=around, around=around, tint=nothing,
        over=nothing, borrowed=VISIBLE & False, suspect=nothing, gone=nothing,
    )  # fmt: skip


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
        ({"area": only(0, 0.03), "dark": only(0, 0.12), "middle": only(0, 0.03)}, ("1",)),
    ],
)
def test_a_row_that_may_hold_a_pale_mark_is_a_doubt(
    doubt: dict[str, np.ndarray], likely: tuple[str, ...]
) -> None:
    assert read(replace(clean(), **doubt)) == (Status.LOW_CONFIDENCE, likely)


@pytest.mark.parametrize(
    ("directions", "likely"), [(4, ()), (10, ("4",))], ids=["a line beside it", "a ring around it"]
)
def test_ink_around_a_bubble_is_a_guess_only_where_it_goes_around(
    directions: int, likely: tuple[str, ...]
) -> None:
    rim, around = np.zeros((5, SECTORS)), np.zeros((5, SECTORS))
    rim[3, :directions] = around[3, :directions] = 0.5
    answer = read(replace(clean(), rim=rim, around=around))
    assert answer == (Status.LOW_CONFIDENCE, likely)


def noisy_sheet(spot: float) -> tuple[Ink, Template]:
    """A sheet on which print does not fit: 0.05 ink in each unmarked bubble, question 1 without a
    mark but for `spot` more in its second."""
    template = parse_template(standard_meta(10))
    area = np.full(len(template.centers), 0.05)
    for question in template.questions[1:]:
        area[question.choices[0].index] = 0.8
    area[template.questions[0].choices[1].index] += spot
    sectors = np.zeros((len(area), SECTORS))
    nothing = np.zeros(len(area))
    dark = np.where(area > 0.5, 0.9, area)
    ink = Ink(area, area, dark, sectors, sectors, *[nothing] * 2, nothing > 0, nothing, nothing)
    return ink, template


@pytest.mark.parametrize(
    ("spot", "status"),
    [(0.0, Status.BLANK), (0.01, Status.BLANK), (0.03, Status.LOW_CONFIDENCE)],
)
def test_noise_that_all_bubbles_share_is_no_doubt_but_a_spot_is(
    spot: float, status: Status
) -> None:
    ink, template = noisy_sheet(spot)
    scale = sheet_scale(ink, template)
    visible = np.ones(len(template.centers), np.bool_)
    answer = decide(template.questions[0].choices, ink, Arms.of(ink, scale), scale, visible)
    assert (answer.status, answer.detected) == (status, ())


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


def crossed_and_new(arms: list[int], ink: float = 1.2, new: float = 1.0, tick: float = 0.0) -> Ink:
    """Choice 4 filled and struck in directions `arms`, choice 2 filled, choice 5 ticked; inks over
    the typical mark's."""
    around = np.zeros((5, SECTORS))
    around[3, arms] = 0.5
    area = SCALE.area * (only(1, new) + only(3, ink) + only(4, tick))
    dark = only(1, SCALE.dark) + only(3, SCALE.dark) + only(4, SCALE.dark if tick else 0.0)
    return replace(clean(), area=area, middle=area, dark=dark, around=around)


CROSS = [2, 6, 10, 14]


def test_a_hatched_filling_that_runs_over_on_four_sides_is_not_plainly_crossed_out() -> None:
    hatched = np.where(np.arange(5)[:, None] == 3, 2 * LIMITS.between_arms * SCALE.dark, 0.0)
    ink = replace(crossed_and_new(CROSS), rim=hatched * np.ones(SECTORS))
    assert read(ink) == (Status.LOW_CONFIDENCE, ("2",))


def marked(much: float, around: list[int] | None = None, ring: float = 0.0) -> Ink:
    """Choice 2 with `much` of a typical mark's ink, an arm in directions `around` it, `ring` of its
    ink in every direction."""
    area = only(1, much * SCALE.area)
    beyond = ring * area[:, None] * np.ones(SECTORS)
    beyond[1, around or []] = 0.3
    return replace(clean(), area=area, middle=area, dark=only(1, SCALE.dark), around=beyond)


@pytest.mark.parametrize(
    ("ink", "status"),
    [
        (marked(0.2), Status.OK),
        (marked(0.2, around=[4]), Status.OK),
        (marked(0.2, around=[4, 12]), Status.LOW_CONFIDENCE),
        (marked(1.0, ring=0.9 * LIMITS.runs_on), Status.OK),
        (marked(1.0, ring=1.1 * LIMITS.runs_on), Status.LOW_CONFIDENCE),
        (
            replace(marked(0.5), around=only(1, 1.2)[:, None] * np.isin(range(SECTORS), [1, 14])),
            Status.OK,
        ),
        (replace(marked(0.4), gone=only(1, 1.1 * LIMITS.lifted)), Status.LOW_CONFIDENCE),
        (replace(marked(0.4), gone=only(0, 1.1 * LIMITS.lifted)), Status.OK),
        (replace(marked(1.0), gone=only(1, 0.9)), Status.OK),
    ],
    ids=[
        "a tick",
        "a tick with a long arm",
        "a line through it",
        "a hasty filling",
        "a shadow's edge",
        "a printed line beside it",
        "what an eraser left",
        "tape beside a part",
        "a mark on whitener",
    ],
)
def test_ink_that_no_mark_in_a_bubble_leaves_is_a_doubt(ink: Ink, status: Status) -> None:
    assert read(ink) == (status, ("2",))


@pytest.mark.parametrize(
    "hidden",
    [
        {"gone": only(3, 1.1 * LIMITS.covered)},
        {
            "around": only(3, 0.5)[:, None] * (np.arange(SECTORS) == 4),
            "gone": only(0, 0.1 * LIMITS.covered),
        },
    ],
    ids=["something lies on a bubble", "a mark beside a bubble"],
)
def test_a_row_that_may_hide_a_mark_is_not_blank(hidden: dict[str, np.ndarray]) -> None:
    assert read(replace(clean(), **hidden)) == (Status.LOW_CONFIDENCE, ())


def test_a_pale_mark_on_a_sheet_that_another_shows_through_is_a_doubt() -> None:
    ink = replace(clean(), **pale(2))
    haunted = replace(SCALE, ghosts=True)
    answer = decide(CHOICES, ink, Arms.of(ink, haunted), haunted, VISIBLE)
    assert (answer.status, answer.detected) == (Status.LOW_CONFIDENCE, ("3",))


@pytest.mark.parametrize(("shown", "ghosts"), [(0, False), (3, False), (6, True)])
def test_second_marks_on_many_rows_tell_that_another_sheet_shows_through(
    shown: int, ghosts: bool
) -> None:
    ink, template = noisy_sheet(0.0)
    area, dark = ink.area.copy(), ink.dark.copy()
    for question in template.questions[1 : 1 + shown]:
        area[question.choices[2].index], dark[question.choices[2].index] = 0.1, 0.3
    assert sheet_scale(replace(ink, area=area, dark=dark), template).ghosts is ghosts


@pytest.mark.parametrize("arms", [CROSS, [1, 2, 6, 9, 10, 14], [0, 3, 8, 11]])
def test_a_mark_beside_one_that_is_plainly_crossed_out_is_the_answer(arms: list[int]) -> None:
    assert read(crossed_and_new(arms)) == (Status.OK, ("2",))


@pytest.mark.parametrize(
    "ink",
    [
        crossed_and_new([2, 10]),
        crossed_and_new([2, 6, 10]),
        crossed_and_new([0, 3, 6, 9]),
        crossed_and_new(CROSS, ink=0.8),
        crossed_and_new(CROSS, new=0.4),
        crossed_and_new(CROSS, tick=0.15),
    ],
    ids=[
        "one stroke",
        "three arms",
        "a scribble",
        "a cross alone",
        "half a mark",
        "a tick as well",
    ],
)
def test_a_mark_beside_one_that_may_be_crossed_out_is_a_doubt(ink: Ink) -> None:
    assert read(ink) == (Status.LOW_CONFIDENCE, ("2",))


def test_a_crossed_out_mark_on_a_bilevel_scan_is_a_doubt() -> None:
    ink = crossed_and_new(CROSS)
    answer = decide(CHOICES, ink, Arms.of(ink, SCALE), SCALE, VISIBLE, bilevel=True)
    assert (answer.status, answer.detected) == (Status.LOW_CONFIDENCE, ("2",))


def pale(
    place: int,
    dark: float = 1.2 * LIMITS.pale_dark,
    area: float = 1.5 * LIMITS.pale_area,
    smear: float = 2 * LIMITS.smeared,
) -> dict[str, np.ndarray]:
    """A lone pale mark, darkness and ink over the typical mark's, with `smear` of its ink in each
    direction around it."""
    ink = only(place, area * SCALE.area)
    return {
        "area": ink,
        "middle": ink,
        "dark": only(place, dark * SCALE.dark),
        "around": np.repeat(smear * ink[:, None], SECTORS, axis=1),
    }  # fmt: skip


def unsmeared(dark: float = 1.1, area: float = 1.1, smear: float = 0.9) -> dict[str, np.ndarray]:
    """A lone mark as pale as an erasure but clean, in shares of the limits."""
    return pale(2, dark * LIMITS.clean_dark, area * LIMITS.clean_area, smear=smear * LIMITS.smeared)


@pytest.mark.parametrize("ink", [pale(2), unsmeared()], ids=["darker than erasures", "clean"])
def test_a_lone_light_pencil_mark_is_an_answer(ink: dict[str, np.ndarray]) -> None:
    assert read(replace(clean(), **ink)) == (Status.OK, ("3",))


@pytest.mark.parametrize(
    "ink",
    [
        pale(2, dark=0.9 * LIMITS.pale_dark),
        pale(2, area=0.9 * LIMITS.pale_area),
        unsmeared(dark=0.9),
        unsmeared(area=0.9),
        unsmeared(smear=1.1),
        pale(2) | {"area": pale(2)["area"] + 0.5 * pale(4)["area"]},
        pale(2) | {"around": np.full((5, SECTORS), 1.1 * LIMITS.pale_around * SCALE.dark)},
        pale(2) | {"rim": np.where(np.arange(5) == 4, 0.5, 0.0)[:, None] * np.ones(SECTORS)},
    ],
    ids=[
        "as pale as an erasure",
        "as small as one",
        "clean but paler",
        "clean but smaller",
        "smeared",
        "a rival",
        "ink around",
        "another is ringed",
    ],
)
def test_a_pale_mark_that_may_be_something_else_is_a_doubt(ink: dict[str, np.ndarray]) -> None:
    assert read(replace(clean(), **ink))[0] is Status.LOW_CONFIDENCE


def test_a_pale_mark_on_a_bilevel_scan_is_a_doubt() -> None:
    ink = replace(clean(), **pale(2))
    answer = decide(CHOICES, ink, Arms.of(ink, SCALE), SCALE, VISIBLE, bilevel=True)
    assert (answer.status, answer.detected) == (Status.LOW_CONFIDENCE, ("3",))


def test_on_a_sheet_of_pale_marks_a_paler_one_is_a_doubt() -> None:
    pencil = SheetScale(
        area=0.1, dark=0.2, blank=0.004, middle=0.004, trace=0.02, over=LIMITS.darker
    )
    ink = replace(clean(), area=only(4, 0.015), middle=only(4, 0.015), dark=only(4, 0.1))
    answer = decide(CHOICES, ink, Arms.of(ink, pencil), pencil, VISIBLE)
    assert (answer.status, answer.detected) == (Status.LOW_CONFIDENCE, ("5",))


@pytest.mark.parametrize(
    ("printed", "status"), [(0.0, Status.OK), (0.3, Status.OK), (0.45, Status.LOW_CONFIDENCE)]
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


@pytest.mark.parametrize(
    ("dark", "area", "status"),
    [
        (0.95, 0.25, Status.OK),
        (0.7, 0.25, Status.LOW_CONFIDENCE),
    ],
    ids=["a solid tick", "as pale as a residue"],
)
def test_a_part_on_a_bilevel_scan_is_an_answer_only_if_no_eraser_leaves_it(
    dark: float, area: float, status: Status
) -> None:
    ink = area * SCALE.area
    row = replace(clean(), area=only(1, ink), middle=only(1, ink), dark=only(1, dark))
    answer = decide(CHOICES, row, Arms.of(row, SCALE), SCALE, VISIBLE, bilevel=True)
    assert (answer.status, answer.detected) == (status, ("2",))
