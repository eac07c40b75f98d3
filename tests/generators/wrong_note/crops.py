"""Pictures of questions, as a segmentation of a scanned page would crop them."""

import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/nanum/NanumMyeongjo.ttf"


def triangle_question(number: int = 7, width: int = 760, paper: int = 255) -> Image.Image:
    """A geometry question with its figure on paper of a brightness 0-255."""
    ink = (20, 20, 20)
    page = Image.new("RGB", (width, int(width * 0.66)), (paper, paper, max(0, paper - 12)))
    draw = ImageDraw.Draw(page)
    size = width // 27
    font = ImageFont.truetype(FONT, size)
    lines = [
        f"{number}. 그림과 같이 삼각형 ABC에서 AB = 5, AC = 8,",
        "∠A = 60°일 때, 선분 BC의 길이는? [5점]",
    ]
    for place, line in enumerate(lines):
        draw.text((size * 0.8, size * (0.7 + 1.6 * place)), line, ink, font)
    _triangle(draw, (width * 0.28, width * 0.5), width / 22, font, ink)
    for place, choice in enumerate(["① 4", "② 5", "③ 6", "④ 7", "⑤ 8"]):
        draw.text((size * (0.8 + 5 * place), width * 0.575), choice, ink, font)
    return page


def save(picture: Image.Image, path: Path) -> Path:
    """Write a picture; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


def _triangle(
    draw: ImageDraw.ImageDraw, a: tuple[float, float], unit: float, font: Any, ink: Any
) -> None:
    c = (a[0] + 8 * unit, a[1])
    angle = math.radians(60)
    b = (a[0] + 5 * unit * math.cos(angle), a[1] - 5 * unit * math.sin(angle))
    draw.polygon([a, b, c], outline=ink, width=3)
    size = font.size
    draw.text((a[0] - size * 1.1, a[1] - size * 0.6), "A", ink, font)
    draw.text((b[0] - size * 0.3, b[1] - size * 1.2), "B", ink, font)
    draw.text((c[0] + size * 0.3, c[1] - size * 0.6), "C", ink, font)
    draw.text((a[0] + size * 0.9, a[1] - size * 1.2), "60°", ink, font)


if __name__ == "__main__":
    save(triangle_question(), Path("samples/wrong_note/crops/triangle.png"))
