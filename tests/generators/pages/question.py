"""Question crops with the text that was drawn, clean, scanned or photographed."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from tests.generators.exam_pages import degrade
from tests.generators.pages.content import Question, random_question

FONTS = tuple(
    Path("/usr/share/fonts", name)
    for name in (
        "truetype/nanum/NanumGothic.ttf",
        "truetype/nanum/NanumMyeongjo.ttf",
        "truetype/nanum/NanumBarunGothic.ttf",
        "opentype/noto/NotoSansCJK-Regular.ttc",
        "opentype/noto/NotoSerifCJK-Regular.ttc",
    )
)
"""Faces of the Debian packages fonts-nanum and fonts-noto-cjk."""

CONDITIONS = ("clean", "scan", "photo")


@dataclass
class Crop:
    """One question: `image` uint8 BGR, `text` as printed line by line, `choices` by number."""

    image: NDArray[np.uint8]
    text: str
    choices: dict[int, str]


@dataclass
class Sheet:
    """A white sheet that text is set on; remembers the lines."""

    font: Path
    size: int
    width: int
    height: int = 3000
    lines: list[str] = field(default_factory=list)
    y: float = 0.0

    def __post_init__(self) -> None:
        self.page = Pil.new("L", (self.width, self.height), 255)
        self.pen = ImageDraw.Draw(self.page)
        index = 1 if self.font.suffix == ".ttc" else 0
        self.face = ImageFont.truetype(str(self.font), self.size, index=index)

    def paragraph(self, text: str, indent: float = 0.0) -> None:
        """Set a text in lines of the sheet's width, broken between words."""
        room = self.width - indent - self.size
        line = ""
        for word in text.split(" "):
            longer = f"{line} {word}".strip()
            if line and self.face.getlength(longer) > room:
                self._line(line, indent)
                line = word
            else:
                line = longer
        self._line(line, indent)

    def row(self, parts: list[str]) -> None:
        """Set parts side by side in equal cells."""
        cell = (self.width - self.size) / len(parts)
        for index, part in enumerate(parts):
            self.pen.text((self.size / 2 + index * cell, self.y), part, font=self.face, fill=20)
        self.lines.append(" ".join(parts))
        self.y += 1.6 * self.size

    def fits(self, parts: list[str]) -> bool:
        """Whether parts fit side by side."""
        cell = (self.width - self.size) / len(parts)
        return max(self.face.getlength(part) for part in parts) < 0.92 * cell

    def frame(self, top: float) -> None:
        """Draw a ruled box from `top` to here."""
        corners = (self.size / 4, top, self.width - self.size / 4, self.y)
        self.pen.rectangle(corners, outline=20, width=max(1, self.size // 14))

    def _line(self, text: str, indent: float) -> None:
        self.pen.text((self.size / 2 + indent, self.y), text, font=self.face, fill=20)
        self.lines.append(text)
        self.y += 1.6 * self.size


def render(question: Question, font: Path, size: int = 30, width: int = 760) -> Crop:
    """Set a question on white; `size` of the type and `width` of the crop in px."""
    sheet = Sheet(font, size, width, y=size * 0.5)
    sheet.paragraph(f"{question.number}. {question.stem}")
    if question.prose:
        sheet.paragraph(question.prose, indent=size * 0.5)
    if question.hints:
        top, sheet.y = sheet.y + size * 0.2, sheet.y + size * 0.7
        for hint in question.hints:
            sheet.paragraph(hint, indent=size * 0.5)
        sheet.frame(top)
        sheet.y += size * 0.6
    numbered = [f"{chr(0x2460 + i)} {text}" for i, text in enumerate(question.choices)]
    if numbered and sheet.fits(numbered):
        sheet.row(numbered)
    else:
        for text in numbered:
            sheet.paragraph(text)
    height = round(sheet.y + size * 0.5)
    grey = np.asarray(sheet.page)[:height]
    choices = {i + 1: text for i, text in enumerate(question.choices)}
    return Crop(np.repeat(grey[:, :, None], 3, axis=2), "\n".join(sheet.lines), choices)


def random_crop(rng: np.random.Generator, condition: str) -> Crop:
    """Render a question in a random face and size, then scan or photograph it."""
    font = FONTS[int(rng.integers(len(FONTS)))]
    size = int(rng.integers(26, 36))
    crop = render(random_question(rng), font, size, int(size * rng.uniform(20, 28)))
    if condition == "scan":
        crop.image = degrade.scan(crop.image, rng).image
    elif condition == "photo":
        crop.image = degrade.photo(crop.image, rng).image
    return crop
