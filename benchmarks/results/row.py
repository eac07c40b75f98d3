"""One line of the results: what is asked for, what was measured, and how to measure it again."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

Section = Callable[[bool], Iterator["Row"]]
"""Measures one job type; True for the nightly size."""


@dataclass(frozen=True, slots=True)
class Row:
    """`met` is None where no bar is set; `peer` is the baseline's figure in the same run."""

    item: str
    measured: str
    bar: str = ""
    met: bool | None = None
    peer: str = ""
    command: str = ""

    def as_dict(self) -> dict[str, str | bool | None]:
        """As JSON."""
        return asdict(self)


def at_least(
    item: str, value: float, bar: float, *, shown: str = ".3f", peer: str = "", command: str = ""
) -> Row:
    """Judge a figure that should be high; `shown` is its format."""
    return Row(item, f"{value:{shown}}", f"≥ {bar:g}", value >= bar, peer, command)


def at_most(
    item: str, value: float, bar: float, *, shown: str = ".3f", peer: str = "", command: str = ""
) -> Row:
    """Judge a figure that should be low."""
    return Row(item, f"{value:{shown}}", f"≤ {bar:g}", value <= bar, peer, command)
