"""Lay a template on a picture and prove that it lies right.

Bubble sheets are lattices, and a lattice laid on one column off still matches well: that, not
noise, is how a reader goes silently wrong. True fits match 0.93-1.00 of the bubbles, fits one
pitch off at most 0.84; so a fit must reach `ACCEPT`, and its neighbours one pitch away are tried
before it is believed.
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.image import Image
from analysis.omr.bubble_finder import Rounds, find_rounds
from analysis.omr.column_places import centred
from analysis.omr.further_columns import goes_on
from analysis.omr.mapping import SheetMap, project
from analysis.omr.nearest_round import NearestRound
from analysis.omr.outline_fit import (
    SURE,
    Fit,
    Page,
    best_fit,
    best_neighbour,
    inside,
    settled,
)
from analysis.omr.pose import Markers, Pose, find_markers, marked_pose, page_poses, poses
from analysis.omr.print_evidence import PrintEvidence
from analysis.omr.print_fit import print_fits
from analysis.omr.template import Template
from analysis.omr.wrong_sheet import (
    distorted,
    elsewhere,
    held_by_markers,
    off_page,
    torn,
    unlisted,
    warped,
)

Floats = NDArray[np.float64]
Grey = NDArray[Any]

ACCEPT = 0.88
"""Share of the bubbles inside the picture that must be found where the template says."""

LONG_SIDE = 2000
"""px the picture is worked on at; a bubble of 2.5 mm radius is then some 17 px."""

_ENLARGE_FROM, _ENLARGE_MOST = 1.3, 2.0
"""Smaller pictures are enlarged: at 100 dpi an outline is a pixel wide and breaks."""

_BILINEAR_FROM = 0.6
"""Shrinking down to here, bilinear samples still see nearly every pixel, four times as fast."""

_LEAST_ROUNDS = 8

_WORTH_PROVING = 0.1
"""Share of bubbles met by softened outlines from which a fit is worth another proof: on the worst
scans little but the filled ones is round."""

_WORTH_CENTRING, _CENTRINGS = 0.7, 2
"""Share of bubbles on like print from which a fit's places are mended, and how often."""

_WORTH_NEAR = 3
"""Fits near a page that are worth a proof, those on the darkest spots first."""


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """Where the sheet lies in the full picture, and how well that is proven.

    `matched` is the share of visible bubbles found in place, `residual_mm` their median distance
    from it, `visible` (n,) tells which bubbles are wholly inside the picture, `places` (n, 2) px
    are the bubbles' centres, mended by what their neighbours show.
    """

    sheet_map: SheetMap
    method: str
    matched: float
    residual_mm: float
    curl_mm: float
    rotation: int
    visible: NDArray[np.bool_]
    places: Floats

    def scaled(self, factor: float) -> "Registration":
        """The same sheet in a picture `factor` times as large."""
        up = np.diag([factor, factor, 1.0])
        old = self.sheet_map
        field = None if old.field is None else old.field * factor
        sheet_map = replace(old, homography=up @ old.homography, field=field)
        return replace(self, sheet_map=sheet_map, places=self.places * factor)

    @property
    def accepted(self) -> bool:
        """Whether the fit is proven."""
        return self.matched >= ACCEPT


def register(grey: Grey, template: Template) -> Registration | None:
    """Find the sheet in a uint8 picture; None where no guess fits at all."""
    work, scale = _enlarged(grey)
    markers = find_markers(work, template)
    rounds = find_rounds(work)
    found: Registration | None = None
    if len(rounds.radii) >= _LEAST_ROUNDS:
        page = Page(template, NearestRound.of(rounds, work.shape), work.shape)
        found = _by_outlines(page, work, markers)
        if found is not None and markers is None and _unlike_print(found, work, template):
            found = replace(found, matched=0.0)
    if found is None or not found.accepted:
        found = _by_print(work, template, markers, rounds) or found
    if found is not None and markers is None and off_page(found.sheet_map, work, template):
        found = replace(found, matched=0.0)
    return found and found.scaled(1 / scale)


def _by_outlines(page: Page, work: Grey, markers: Markers | None) -> Registration | None:
    best = best_fit(page, poses(work, page.outlines.rounds, page.template, markers))
    if best is None:
        return None
    if best.score < SURE or best.step_off:
        best = best_neighbour(best, page)
    places = settled(best.sheet_map, page)
    if (
        best.step_off
        or distorted(best.sheet_map, page.template)
        or elsewhere(best.sheet_map, markers, page.template)
        or torn(places, page.template)
        or unlisted(best.sheet_map, page)
    ):
        best = replace(best, score=0.0)
    return _result(best, page, places)


def _unlike_print(found: Registration, work: Grey, template: Template) -> bool:
    """Whether outlines were met, but lie beyond the blocks as well, or do not look alike.

    A form of fewer choices bends so far that its columns lie on two others each. Where an
    identifier is met as well and hardly a bubble is missing, outlines are proof enough.
    """
    if not found.accepted or (template.digits and found.matched >= SURE):
        return False
    evidence = PrintEvidence.of(work, found.sheet_map, template, found.places)
    if evidence.outlines_beyond():
        return True
    return evidence.matched(found.visible) < ACCEPT and evidence.one_step_off()


def _by_print(
    work: Grey, template: Template, markers: Markers | None, outlines: Rounds
) -> Registration | None:
    """Prove a fit by print that looks alike where outlines cannot be told one by one.

    Tried are the fit that softened outlines or printed markers give; the page where it is the
    picture or a sheet on a desk, or lies between four printed marks; and near such a page, the
    places where most bubbles stand on something dark. `outlines` are the sharp ones.
    """
    rounds = find_rounds(work, soft=True)
    if len(rounds.radii) < _LEAST_ROUNDS:
        return None
    soft = Page(template, NearestRound.of(rounds, work.shape), work.shape)
    sharp = NearestRound.of(outlines, work.shape) if len(outlines.radii) else soft.outlines
    proof = _PrintProof(work, soft, replace(soft, outlines=sharp), markers)
    fit = best_fit(soft, poses(work, rounds, template, markers))
    if fit is not None and fit.score >= _WORTH_PROVING:
        found = proof.of(fit.sheet_map, settled(fit.sheet_map, soft))
        if found is not None:
            return found
    marked = marked_pose(markers)
    if marked is not None:
        sheet_map = SheetMap(marked.homography, (template.width, template.height))
        found = proof.of(sheet_map, sheet_map(template.centers))
        if found is not None:
            return found
    guesses = list(page_poses(work, template))
    for pose in guesses:
        sheet_map = SheetMap(pose.homography, (template.width, template.height))
        found = proof.of(sheet_map, centred(sharp, sheet_map, template))
        if found is not None:
            return found
    return proof.near(guesses)


@dataclass(frozen=True, slots=True, eq=False)
class _PrintProof:
    """A picture, its template over softened and over sharp outlines, and its markers."""

    work: Grey
    soft: Page
    sharp: Page
    markers: Markers | None

    def of(self, sheet_map: SheetMap, places: Floats) -> Registration | None:
        """The fit of the bubbles at `places` (n, 2) px, where print proves it.

        One that is proven but shows further bubbles is not accepted, and ends the search: a fit
        nearby that shows them less clearly would be no better.
        """
        template = self.soft.template
        if distorted(sheet_map, template):
            return None
        visible = inside(sheet_map, template, self.work.shape)
        evidence = PrintEvidence.of(self.work, sheet_map, template, places)
        share = evidence.matched(visible)
        if share < _WORTH_CENTRING:
            return None
        centring = evidence
        for _ in range(_CENTRINGS):
            centring = centring.at(centring.recentred())
            if (now := centring.matched(visible)) >= share:
                share, evidence = now, centring
        places = evidence.places
        if warped(places, template) or torn(places, template):
            return None
        if share < ACCEPT or elsewhere(sheet_map, self.markers, template):
            return None
        held = held_by_markers(sheet_map, self.markers, template)
        if evidence.one_step_off(held=held):
            return None
        offset = np.hypot(*(places - sheet_map(template.centers)).T)
        fit = Fit(sheet_map, "print", share, float(np.median(offset)), step_off=False)
        found = _result(fit, self.soft, places)
        pages = (self.soft, self.sharp)
        if any(unlisted(sheet_map, page) for page in pages) or goes_on(evidence):
            return replace(found, matched=0.0)
        return found

    def near(self, guesses: list[Pose]) -> Registration | None:
        """The one proven fit near any guess; None where there is none, or two that differ."""
        template = self.soft.template
        proven: list[Registration] = []
        fits = [fit for pose in guesses for fit in print_fits(self.work, pose.homography, template)]
        fits.sort(key=lambda fit: -fit.score)
        for fit in fits[:_WORTH_NEAR]:
            found = self.of(fit.sheet_map, fit.places)
            if found is not None and not any(_same(found, other, template) for other in proven):
                proven.append(found)
        return proven[0] if len(proven) == 1 else None


def _same(one: Registration, other: Registration, template: Template) -> bool:
    """Whether two fits name the same places, to a radius."""
    apart = np.hypot(*(one.places - other.places).T)
    radius = float(template.radii.mean()) * one.sheet_map.pixels_per_mm()
    return float(np.median(apart)) < radius


def working_copy(image: Image) -> tuple[Image, float]:
    """A BGR picture shrunk to at most LONG_SIDE px, and its scale."""
    scale = min(1.0, LONG_SIDE / max(image.shape))
    if scale > 1 / _ENLARGE_FROM:
        return image, 1.0
    method = cv2.INTER_LINEAR if scale > _BILINEAR_FROM else cv2.INTER_AREA
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=method)
    return np.asarray(small, np.uint8), scale


def _enlarged(grey: Grey) -> tuple[Grey, float]:
    """A picture at a size at which thin outlines hold together, and its scale."""
    scale = LONG_SIDE / max(grey.shape)
    if scale < _ENLARGE_FROM:
        return grey, 1.0
    scale = min(scale, _ENLARGE_MOST)
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), scale


def _result(fit: Fit, page: Page, places: Floats) -> Registration:
    template, sheet_map = page.template, fit.sheet_map
    pixels = sheet_map.pixels_per_mm()
    bend = sheet_map(template.centers) - project(sheet_map.homography, template.centers)
    across = sheet_map(np.array([[0.0, 0.0], [template.width, 0.0]]))
    angle = np.degrees(np.arctan2(*(across[1] - across[0])[::-1]))
    return Registration(
        sheet_map=sheet_map,
        method=fit.method,
        matched=fit.score,
        residual_mm=fit.residual / pixels,
        curl_mm=float(np.hypot(bend[:, 0], bend[:, 1]).max() / pixels),
        rotation=int(round(angle / 90.0) * 90) % 360,
        visible=inside(sheet_map, template, page.shape),
        places=places,
    )
