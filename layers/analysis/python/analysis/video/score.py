"""How much a hand has written on a page of a video.

Pieces of ink are told from print one by one, by what they and their surroundings look like
(`models/video_handwriting.npz`, run by `analysis.piece_net`); what they add up to is weighed
against what blurred print adds up to on pages nobody wrote on (`models/video_page.npz`). Both come
from `layers/analysis/training/video_writing.py`.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.handwriting.analyse import analyse_handwriting
from analysis.handwriting.strokes import Pieces, read_pieces
from analysis.image import Image
from analysis.page_geometry import Grey
from analysis.piece_net import Pictures, load_piece_net
from analysis.small_net import load_net
from analysis.video.direction import lines_run_down
from analysis.video.quality import blurred
from analysis.video.sheet import Paper, paper_of
from analysis.video.types import Level, Writing
from analysis.video.views import measures, views

WRITTEN = 0.5
"""Score from which a page counts as written on."""

_HALF_TEMPLATE_INK = 0.001
"""Share of the picture in added ink that scores 0.5 where a blank page was subtracted."""

_MEDIUM, _FULL = 0.0045, 0.01
"""Shares of the picture in ink from which writing is called medium and full."""

_SURENESS = 4
"""Power of certainty: a piece of ink the classifier wavers on counts for little."""

_CRISP, _BLUR = 2.0, 1.5 / 720
"""How much of what a blur takes away is given back, and the blur, in short sides of the frame: a
faint stroke of 2 px is else too pale to be ink."""

_RED = 0.22
"""Redness (0-1) of a teacher's pen, left out as in `analysis.handwriting`."""

_PAPER = 225
"""Grey level (of 255, light evened) that bare paper around a piece of ink has at least."""

_CONTRAST = 25
"""Grey levels by which ink is darker than the paper around it; faint pencil has 35, the shade of
a gutter and the grain of a desk have 10."""

_MARGIN = 0.6
"""Glyph heights around a piece looked at for paper."""

_NEAR = 2.5
"""Glyph heights within which pieces support one another: writing seldom comes in single pieces."""

_STRONGEST = 10
"""Surest pieces looked at on their own."""


def score_writing(picture: Image, blanks: tuple[Image, ...] = ()) -> Writing:
    """Score an upright BGR picture of a page; `blanks` are pictures of the pages unwritten.

    The first blank that matches is subtracted; where none does, the page is judged by shape. Of a
    blurred picture nothing is said.
    """
    if blurred(picture):
        return unread()
    for blank in blanks:
        found = analyse_handwriting(picture, blank)
        if found.method == "template":
            share = found.ink_ratio
            return _writing(share / (share + _HALF_TEMPLATE_INK), share, against_template=True)
    shot = read_shot(picture)
    if shot is None:
        return _writing(0.0, 0.0, against_template=False)
    judged = [_by_shape(shot)]
    if lines_run_down(shot.pieces):  # print on its side looks like a hand's
        turned = (read_shot(np.ascontiguousarray(np.rot90(picture, turns))) for turns in (1, 3))
        judged += [_by_shape(other) for other in turned if other is not None]
    return min(judged, key=lambda writing: writing.score)


def _by_shape(shot: "Shot") -> Writing:
    hand = load_piece_net("video_handwriting").hand(shot.near, shot.far, shot.numbers)
    page = load_net("video_page").probabilities(page_features(shot.pieces, hand)[None])[0, 1]
    return _writing(float(page), _sure_ink(shot.pieces, hand), against_template=False)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A page's n pieces of ink, their numbers in `pieces.labels` and what the net is told of each:
    its pictures (see `views`) and its measures."""

    pieces: Pieces
    owners: NDArray[np.int_]
    near: Pictures
    far: Pictures
    numbers: NDArray[np.float32]


def read_shot(picture: Image, *, paper: Paper | None = None) -> Shot | None:
    """Cut an upright BGR picture of a page into its pieces of ink; None for a page without any."""
    found = read_pieces(crisp((paper or paper_of(picture)).picture, min(picture.shape[:2])))
    if found is None:
        return None
    chosen = on_paper(found)
    if not chosen.any():
        return None
    near, far = views(found, chosen)
    pieces = selected(found, chosen)
    return Shot(pieces, np.flatnonzero(chosen) + 1, near, far, measures(pieces))


def crisp(picture: Image, short_side: int) -> Image:
    """Give strokes back the contrast a blur has taken (unsharp masking); `short_side` of the frame
    in px."""
    blurred = cv2.GaussianBlur(picture, (0, 0), _BLUR * short_side)
    return np.asarray(cv2.addWeighted(picture, 1 + _CRISP, blurred, -_CRISP, 0), np.uint8)


def on_paper(pieces: Pieces) -> NDArray[np.bool_]:
    """Which pieces [n] stand out from bare paper; the others are shade, desk or rim."""
    grey = pieces.flat.grey
    ink = (pieces.labels > 0).astype(np.uint8)
    bare = 1 - cv2.dilate(ink, np.ones((5, 5), np.uint8))
    around = _mean_within(grey, bare, pieces.boxes, max(6, round(_MARGIN * pieces.glyph)))
    inside = _mean_within(grey, ink, pieces.boxes, 0)
    return np.asarray((around >= _PAPER) & (around - inside >= _CONTRAST))


def _mean_within(
    grey: Grey, mask: Grey, boxes: NDArray[np.int32], margin: int
) -> NDArray[np.float64]:
    """Mean grey level of a mask's pixels (uint8 0/1) in each box, `margin` px around it; or 0."""
    height, width = mask.shape
    x, y, w, h = boxes.T
    left, right = np.clip(x - margin, 0, width), np.clip(x + w + margin, 0, width)
    top, bottom = np.clip(y - margin, 0, height), np.clip(y + h + margin, 0, height)
    light, count = (
        sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        for sums in (cv2.integral(mask * grey), cv2.integral(mask))
    )
    return np.asarray(light / np.maximum(count, 1), np.float64)


def selected(pieces: Pieces, chosen: NDArray[np.bool_]) -> Pieces:
    """Some of the pieces; `labels` keeps all of them."""
    return replace(
        pieces,
        boxes=pieces.boxes[chosen],
        areas=pieces.areas[chosen],
        features=pieces.features[chosen],
        redness=pieces.redness[chosen],
    )


def page_features(pieces: Pieces, hand: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a page's pieces add up to (float32 [n]); `hand` [pieces] is each one's chance.

    Lengths are in glyph heights, as in `Pieces`.
    """
    hand = hand * (pieces.redness <= _RED)
    extent = np.minimum(np.maximum(*pieces.boxes[:, 2:].T) / pieces.glyph, 3.0)
    support = _support(pieces, hand)
    surest = np.sort(hand * np.minimum(extent, 1))[::-1][:_STRONGEST]
    surest = np.pad(surest, (0, _STRONGEST - len(surest)))
    large = extent > 0.5
    lengths = [float(extent[hand > level].sum()) for level in (0.5, 0.8, 0.95)]
    lengths += [float((extent * hand * support)[hand > 0.5].sum())]
    lengths += [float((extent * hand)[(hand > 0.8) & (support > 0.5)].sum())]
    return np.array(
        [
            *np.log1p(lengths),
            surest[:3].mean(),
            surest.mean(),
            (hand[large] > 0.5).mean() if large.any() else 0.0,
            np.log(len(hand)),
            np.log((pieces.areas * hand).sum() / pieces.labels.size + 1e-4),
        ],
        np.float32,
    )


def _support(pieces: Pieces, hand: NDArray[np.float32]) -> NDArray[np.float64]:
    """For each likely piece, the share of a hand in the ink around it; 0.5 for a lone piece."""
    centre = (pieces.boxes[:, :2] + pieces.boxes[:, 2:] / 2) / pieces.glyph
    found = np.zeros(len(hand))
    for one in np.flatnonzero(hand > 0.3):
        near = (np.abs(centre - centre[one]) < _NEAR).all(axis=1)
        near[one] = False
        ink = pieces.areas[near].sum()
        found[one] = (pieces.areas * hand)[near].sum() / ink if ink else 0.5
    return found


def _sure_ink(pieces: Pieces, hand: NDArray[np.float32]) -> float:
    """Share of the page in a student's ink, each piece weighted by how sure it is a hand's."""
    weight = np.clip(2 * hand - 1, 0, 1) ** _SURENESS * (pieces.redness <= _RED)
    return float((pieces.areas * weight).sum()) / pieces.labels.size


def _writing(score: float, share: float, *, against_template: bool) -> Writing:
    return Writing(
        score=round(score, 4),
        ink_ratio=round(share, 6),
        level=_level(score, share),
        confidence=round(abs(2 * score - 1), 4),
        against_template=against_template,
    )


def unread() -> Writing:
    """What is said of a page whose picture could not be judged."""
    return Writing(0.0, 0.0, "unknown", 0.0)


def _level(score: float, share: float) -> Level:
    if score < WRITTEN:
        return "none"
    if share < _MEDIUM:
        return "light"
    return "medium" if share < _FULL else "full"
