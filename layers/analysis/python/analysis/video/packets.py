"""A file's packets, none decoded, and which of them need not be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.video import limits
from analysis.video.needed import Coded, needed

Wanted = Callable[[int, float], bool]
"""Asked before decoding, in order of time, of each frame's index and time (s): will it be looked
at?"""


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """A file's packets in order of decoding: s from the first frame, the same in order, stamps,
    bytes, key frames, whether a player shows them, and what is coded in them."""

    times: NDArray[np.float64]
    ordered: NDArray[np.float64]
    stamps: list[int | None]
    sizes: list[int]
    keys: list[bool]
    shown: list[bool]
    pictures: list[Coded | None]

    def index(self, time: float) -> int:
        """The place of a frame among all, by its time."""
        return int(np.searchsorted(self.ordered, time + 1e-6)) - 1

    def unneeded(self, wanted: Wanted, fast: bool = False) -> frozenset[int | None]:
        """Stamps of the packets that no wanted frame needs; none where frames have no stamps.

        `fast` wants of each group of pictures the first `FAST_SECONDS` only.
        """
        seen = np.array(self.shown, bool) & (self._first_of_groups() if fast else True)
        looked_at = [False] * len(seen)
        for place in np.argsort(self.times, kind="stable").tolist():
            if seen[place]:
                time = float(self.times[place])
                looked_at[place] = wanted(self.index(time), time)
        needs = needed(self._entered_at_keys() if fast else self.pictures, looked_at)
        kept = {stamp for stamp, need in zip(self.stamps, needs, strict=True) if need}
        return frozenset() if None in self.stamps else frozenset(self.stamps) - kept

    def _entered_at_keys(self) -> Sequence[Coded | None]:
        """The pictures as fast mode sees them: nothing is predicted from before a key frame."""
        whole = Coded(0, referenced=True, restarts=False)
        return [
            (picture or whole)._replace(restarts=key)
            for picture, key in zip(self.pictures, self.keys, strict=True)
        ]

    def _first_of_groups(self) -> NDArray[np.bool_]:
        """Which packets show the first `FAST_SECONDS` after their key frame."""
        places = np.arange(len(self.times))
        key = np.maximum.accumulate(np.where(self.keys, places, 0))
        since = self.times - self.times[key]
        return np.asarray((since >= 0) & (since <= limits.FAST_SECONDS))


@dataclass(slots=True)
class Grid:
    """Picks of frames in order of time the first at or after each `SAMPLE_STEP`."""

    due: float = 0.0

    def takes(self, time: float) -> bool:
        """Whether the frame at a time (s) is a sample; to be asked of each in turn."""
        if time < self.due - 1e-6:
            return False
        self.due = (int(time / limits.SAMPLE_STEP + 1e-6) + 1) * limits.SAMPLE_STEP
        return True


def samples() -> Wanted:
    """Wants the samples of an intact film."""
    grid = Grid()
    return lambda index, time: grid.takes(time)
