"""A page's handwriting, with its blank or without."""

from dataclasses import replace

import cv2
import numpy as np

from analysis.handwriting.scores import summarise
from analysis.handwriting.strokes import (
    Sheet,
    pieces_of,
    read_sheet,
    strokes_alone,
    without_rules,
)
from analysis.handwriting.subtract import added_ink, blank_on_page, no_strokes
from analysis.handwriting.types import NOTHING, Handwriting
from analysis.image import Image
from analysis.small_net import load_net

_ADDED = 0.6
"""How sure ink is a hand's because the blank lacks it; its shape makes up the rest."""

NO_MATCH = "the page does not match the template; judged by shape"


def analyse_handwriting(image: Image, blank: Image | None = None) -> Handwriting:
    """Score a BGR picture of a page; `blank` is a picture of the same page unwritten.

    Where the blank does not match, the page is judged by shape and `note` says so.
    """
    sheet = read_sheet(image)
    size = (image.shape[1], image.shape[0])
    if blank is not None:
        found = _against_blank(sheet, image, blank)
        if found is not None:
            return found
    note = NO_MATCH if blank is not None else None
    pieces = pieces_of(sheet.flat, image, without_rules(sheet.ink, sheet.glyph), sheet.glyph)
    if pieces is None:
        return replace(NOTHING, note=note)
    hand = load_net("handwriting").probabilities(pieces.features)[:, 1]
    return summarise(pieces, hand, size, "shape", note)


def _against_blank(sheet: Sheet, image: Image, blank: Image) -> Handwriting | None:
    laid = blank_on_page(sheet.flat, image, blank)
    if laid is None:
        return None
    lit = sheet.flat.warped(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8))
    ink = strokes_alone(sheet.ink, lit)
    added = pieces_of(sheet.flat, image, added_ink(ink, laid, sheet.glyph), sheet.glyph)
    if added is None:
        return replace(NOTHING, method="template")
    shape = load_net("handwriting").probabilities(added.features)[:, 1]
    hand = np.where(no_strokes(added), 0.0, _ADDED + (1 - _ADDED) * shape).astype(np.float32)
    return summarise(added, hand, (image.shape[1], image.shape[0]), "template")
