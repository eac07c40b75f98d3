"""Plots as SVG text: no library, no script; colours come from the page's style sheet."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 12, 30
BAR = 24
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from 0 to `to`, drawn stronger up to `mark`; `told` is written at its end."""

    name: str
    to: float
    told: str
    mark: float | None = None


def steps(series: Mapping[str, Sequence[Point]], end: float) -> Markup:
    """Lines that jump at each point and go on to `end`; x in s, y any count."""
    top = max((y for points in series.values() for _, y in points), default=1.0)
    frame = _Frame(max(end, 1e-9), max(top, 1.0))
    drawn = [frame.axes("s", "jobs")]
    for number, (name, points) in enumerate(series.items()):
        path = [f"M{frame.x(0):.1f} {frame.y(0):.1f}"]
        for x, y in points:
            path.append(f"H{frame.x(x):.1f} V{frame.y(y):.1f}")
        path.append(f"H{frame.x(end):.1f}")
        last = points[-1][1] if points else 0
        drawn.append(
            f'<path class="line c{number}" d="{" ".join(path)}">'
            f"<title>{escape(name)}: {last:g}</title></path>"
        )
    return _svg(drawn, HEIGHT)


def scatter(series: Mapping[str, Sequence[Point]], end: float) -> Markup:
    """Points by series; x in s, y in s."""
    top = max((y for points in series.values() for _, y in points), default=1.0)
    frame = _Frame(max(end, 1e-9), max(top, 0.001))
    drawn = [frame.axes("s", "s")]
    for number, (name, points) in enumerate(series.items()):
        drawn += [
            f'<circle class="dot c{number}" cx="{frame.x(x):.1f}" cy="{frame.y(y):.1f}" r="4">'
            f"<title>{escape(name)}: {y:.2f} s</title></circle>"
            for x, y in points
        ]
    return _svg(drawn, HEIGHT)


def bars(rows: Sequence[Bar]) -> Markup:
    """Horizontal bars with their names; one scale for all."""
    name_width, room = 250, WIDTH - 250 - 130
    top = max((row.to for row in rows), default=0.0) or 1.0
    drawn = []
    for place, row in enumerate(rows):
        y = place * BAR + 4
        strong = row.to if row.mark is None else row.mark
        drawn.append(
            f'<text class="name" x="{name_width - 8}" y="{y + 13}">{escape(row.name)}</text>'
            f'<rect class="weak" x="{name_width}" y="{y}" height="16" rx="2" '
            f'width="{room * row.to / top:.1f}"><title>{escape(row.told)}</title></rect>'
            f'<rect class="strong" x="{name_width}" y="{y}" height="16" rx="2" '
            f'width="{room * strong / top:.1f}"/>'
            f'<text class="told" x="{name_width + room * row.to / top + 6:.1f}" y="{y + 13}">'
            f"{escape(row.told)}</text>"
        )
    return _svg(drawn, max(1, len(rows)) * BAR + 8)


def ticks(top: float) -> list[float]:
    """Round values from 0 up to `top`, at most six."""
    raw = top / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    return [step * number for number in range(int(top / step * 1.001) + 1)]


@dataclass(frozen=True, slots=True)
class _Frame:
    """Maps values, 0 to `right` and 0 to `top`, to the picture."""

    right: float
    top: float

    def x(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * value / self.right

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top

    def axes(self, x_unit: str, y_unit: str) -> str:
        parts = [
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
            f'y1="{self.y(tick):.1f}" y2="{self.y(tick):.1f}"/>'
            f'<text class="tick end" x="{LEFT - 6}" y="{self.y(tick) + 4:.1f}">{tick:g}</text>'
            for tick in ticks(self.top)
        ]
        parts += [
            f'<text class="tick" x="{self.x(tick):.1f}" y="{HEIGHT - 10}">{tick:g}</text>'
            for tick in ticks(self.right)
        ]
        parts.append(f'<text class="tick end" x="{WIDTH - 2}" y="{HEIGHT - 10}">{x_unit}</text>')
        parts.append(f'<text class="tick end" x="{LEFT - 6}" y="{TOP - 2}">{y_unit}</text>')
        return "".join(parts)


def _svg(parts: Sequence[str], height: int) -> Markup:
    """A picture of the page's width; what names a part was escaped when it was written."""
    return Markup(  # noqa: S704
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(parts)}</svg>'
    )
