"""Films that phones send and nobody asks for, by their kind.

Each is a `Script` and its `Staging`, made from a seed.
"""

from collections.abc import Callable

from tests.generators.video import odd_filming, odd_pages
from tests.generators.video.odd_pages import Odd

KINDS: dict[str, Callable[[int], Odd]] = {
    make.__name__: make for make in (*odd_pages.KINDS, *odd_filming.KINDS)
}
