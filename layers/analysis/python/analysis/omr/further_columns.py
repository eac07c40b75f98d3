"""Whether a sheet bears blocks of bubbles that its template does not: then it is another form."""

import numpy as np
from numpy.typing import NDArray

from analysis.omr.lattice import pitches
from analysis.omr.print_evidence import ALIKE, LINE_THERE, STRONGER, WEAKER, PrintEvidence
from analysis.omr.print_looks import likeness

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_LEAST_IN_COLUMN, _MOST_IN_COLUMN = 5, 12
"""Bubbles of a column that is looked for elsewhere in its rows, and of them those asked."""

_SLIDE, _MOST_SHIFTS = 0.4, 1000
"""Radii that such a column is moved by at once; and how often at most."""


def goes_on(evidence: PrintEvidence) -> bool:
    """Whether rows of questions bear further bubbles.

    A column of each block is moved along its rows over the page. Only a template that claims a
    whole form is asked: one with an identifier.
    """
    template = evidence.template
    if not template.digits:
        return False
    return any(_further_columns(evidence, block) for block in template.question_blocks)


def _further_columns(evidence: PrintEvidence, block: Indices) -> bool:
    """Whether along a block's rows lie columns like its first, a pitch apart, unlisted."""
    centers, radius = evidence.template.centers, float(evidence.template.radii[block].mean())
    steps = [x for x, _ in pitches(centers[block], radius) if x > 0]
    column = block[centers[block, 0] <= centers[block, 0].min() + radius]
    if not steps or len(column) < _LEAST_IN_COLUMN:
        return False
    column = column[:: -(-len(column) // _MOST_IN_COLUMN)]
    shifts = _unlisted_shifts(evidence, column, radius)
    if not len(shifts):
        return False
    moved = np.stack([np.repeat(shifts, len(column)), np.zeros(len(shifts) * len(column))], 1)
    patches = evidence.patches(np.tile(column, len(shifts)), moved)
    like, contrast = likeness(patches, evidence.common[None])
    bubbles = (like >= ALIKE) & (contrast >= WEAKER) & (contrast <= STRONGER)
    share = bubbles.reshape(len(shifts), -1).mean(axis=1)
    found = shifts[share >= LINE_THERE]
    apart = found[None] - found[:, None]
    return bool((np.abs(apart - steps[0]) < _SLIDE * radius).any())


def _unlisted_shifts(evidence: PrintEvidence, column: Indices, radius: float) -> Floats:
    """mm by which a column may be moved along its rows onto no bubble of the template."""
    centers, width = evidence.template.centers, evidence.template.width
    step = max(_SLIDE * radius, width / _MOST_SHIFTS)
    places = np.arange(2 * radius, width - 2 * radius, step)
    rows = np.abs(centers[:, None, 1] - centers[None, column, 1]).min(axis=1) < 1.5 * radius
    free = np.abs(places[:, None] - centers[None, rows, 0]).min(axis=1) > 1.5 * radius
    return np.asarray(places[free] - centers[column, 0].mean())
