"""A drawn formula as PDF operators, so that the PDF writer need not read its SVG again."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

_STEP = re.compile(r"([MLHVQCZ])|(-?\d+(?:\.\d+)?(?:e-?\d+)?)|[\s,]+")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "C": 6}


@dataclass(frozen=True, slots=True)
class Outline:
    """Filled black shapes; `box` is left, top, width and height in the operators' units."""

    operators: bytes
    box: tuple[float, float, float, float]

    def get_intrinsic_size(self, _resolution: float, _font_size: float) -> tuple[float, ...]:
        """Width, height and their ratio, as WeasyPrint asks its pictures."""
        _, _, width, height = self.box
        return width, height, width / height

    def draw(self, stream: Any, width: float, height: float, _style: Any) -> None:
        """Write the shapes to a WeasyPrint stream, `width` x `height` in its units."""
        left, top, own_width, own_height = self.box
        across, down = width / own_width, height / own_height
        stream.transform(a=across, d=down, e=-left * across, f=-top * down)
        stream.stream.append(self.operators)


def outline_of(svg: ET.Element) -> Outline | None:
    """Outline of an SVG of black paths and rectangles; None if it holds anything else."""
    written = ["0 g"]
    for shape in svg:
        if shape.get("fill", "black") != "black" or not set(shape.attrib) <= _KNOWN:
            return None
        if shape.tag == "rect":
            written.append(" ".join(shape.attrib[key] for key in ("x", "y", "width", "height")))
            written.append("re")
        elif shape.tag != "path" or not _path(shape.attrib["d"], written):
            return None
    left, top, width, height = (float(part) for part in svg.attrib["viewBox"].split())
    return Outline(" ".join([*written, "f"]).encode("ascii"), (left, top, width, height))


_KNOWN = {"d", "fill", "x", "y", "width", "height"}


def _path(data: str, written: list[str]) -> bool:
    """Append a path of absolute steps; False if it holds another kind of step."""
    if _STEP.sub("", data):
        return False
    command, numbers, x, y = "", [], 0.0, 0.0
    for letter, number in _STEP.findall(data):
        if letter == "Z":
            written.append("h")
        elif letter:
            command = letter
        elif number:
            numbers.append(float(number))
            if len(numbers) == _ARGUMENTS.get(command, 0):
                x, y = _step(command, numbers, x, y, written)
                command, numbers = {"M": "L"}.get(command, command), []
    return not numbers


def _step(
    command: str, to: list[float], x: float, y: float, written: list[str]
) -> tuple[float, float]:
    """Append one step from x, y; returns where it ends."""
    if command == "H":
        to = [to[0], y]
    elif command == "V":
        to = [x, to[0]]
    if command == "Q":  # the cubic curve of the same course
        bend_x, bend_y, end_x, end_y = to
        to = [
            x + 2 / 3 * (bend_x - x),
            y + 2 / 3 * (bend_y - y),
            end_x + 2 / 3 * (bend_x - end_x),
            end_y + 2 / 3 * (bend_y - end_y),
            end_x,
            end_y,
        ]
    operator = {"M": "m", "Q": "c", "C": "c"}.get(command, "l")
    written.append(" ".join(f"{part:.2f}" for part in to) + " " + operator)
    return to[-2], to[-1]
