"""Rendering exam pages with the boxes of their questions as truth."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from tests.generators.exam_pages import content, figures

FORMS = ("{n}.", "{n})", "[{n}]", "{n:02d}", "문제 {n}.", "{n}")


@dataclass
class Drawn:
    """One labelled item; `box` is xywh in px."""

    kind: str
    number: int
    last: int | None
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Style:
    """How a page is set. Sizes in px of the page."""

    font: Path
    bold: Path
    width: int = 1654
    height: int = 2339
    columns: int = 2
    text: int = 30
    form: str = "{n}."
    divider: bool = True
    header: bool = True
    note: bool = False
    footer: str = "number"
    hanging: bool = True
    spacing: float = 1.6
    air: float = 1.5
    passages: float = 0.2
    figures: bool = True


@dataclass
class Page:
    """A rendered page: `image` uint8 grey (h, w) and its items in reading order."""

    image: NDArray[np.uint8]
    items: list[Drawn] = field(default_factory=list)
    columns: int = 1


def random_style(
    rng: np.random.Generator, pool: list[tuple[Path, Path]], *, paper: str | None = None
) -> Style:
    """Draw a style: `paper` "exam" is the two-column national paper, "school" all others."""
    font, bold = pool[int(rng.integers(len(pool)))]
    if (paper or ("exam" if rng.random() < 0.4 else "school")) == "exam":
        return Style(
            font, bold, width=1754, height=2480, columns=2, text=int(rng.integers(21, 25)),
            form="{n}.", divider=True, header=True, note=bool(rng.random() < 0.4), footer="exam",
            hanging=True, spacing=float(rng.uniform(1.5, 1.75)), air=float(rng.uniform(1.5, 7)),
            passages=float(rng.choice([0.0, 0.35])),
        )  # fmt: skip
    columns = int(rng.choice([1, 2, 2]))
    return Style(
        font, bold, columns=columns, text=int(rng.integers(25, 36)),
        form=str(rng.choice(FORMS)), divider=bool(rng.random() < 0.5),
        header=bool(rng.random() < 0.7), footer=str(rng.choice(["number", "none", "count"])),
        hanging=bool(rng.random() < 0.6), spacing=float(rng.uniform(1.45, 1.9)),
        air=float(rng.uniform(0.8, 3.5)),
    )  # fmt: skip


def render(rng: np.random.Generator, style: Style, *, first: int | None = None) -> Page:
    """Render one page that begins with question `first`."""
    return _Typesetter(rng, style).page(first or int(rng.integers(1, 38)))


@dataclass
class _Typesetter:
    rng: np.random.Generator
    style: Style

    def __post_init__(self) -> None:
        style = self.style
        self.canvas = Pil.new("L", (style.width, style.height), 255)
        self.pen = ImageDraw.Draw(self.canvas)
        self.font = _font(style.font, style.text)
        self.bold = _font(style.bold, style.text)
        self.ink = int(self.rng.integers(0, 50))
        self.margin = int(self.rng.uniform(0.05, 0.09) * style.width)
        self.gutter = int(1.6 * style.text) if style.columns > 1 else 0
        inner = style.width - 2 * self.margin - (style.columns - 1) * self.gutter
        self.column_width = inner // style.columns
        self.line = round(style.text * style.spacing)

    def page(self, first: int) -> Page:
        style = self.style
        top = self._header()
        bottom = int(style.height * 0.92)
        items: list[Drawn] = []
        number, open_passage = first, 0
        for column in range(style.columns):
            x = self.margin + column * (self.column_width + self.gutter)
            y = top
            while True:
                limit = bottom - self._note_height(column)
                passage = (
                    style.passages > 0 and open_passage <= 0 and self.rng.random() < style.passages
                )
                start, before = y, self.canvas.copy()
                last = number + int(self.rng.integers(1, 3)) if passage else None
                y = (
                    self._passage(x, y, number, last or 0)
                    if passage
                    else self._question(x, y, number)
                )
                if y > limit:
                    self.canvas.paste(before)
                    break
                kind = "p" if passage else "q"
                items.append(Drawn(kind, number, last, self._ink_box(before, start, y)))
                if passage:
                    open_passage = (last or number) - number + 1
                else:
                    number += 1
                    open_passage -= 1
                y += int(style.air * self.line)
                if y > limit - 3 * self.line:
                    break
        self._rules_and_footer(top, bottom)
        return Page(np.asarray(self.canvas).copy(), items, style.columns)

    def _ink_box(self, before: Pil.Image, top: int, bottom: int) -> tuple[float, ...]:
        changed = np.asarray(self.canvas).astype(int) < np.asarray(before).astype(int) - 40
        rows = np.flatnonzero(changed.any(axis=1))
        cols = np.flatnonzero(changed.any(axis=0))
        if not len(rows):
            return (0.0, float(top), 1.0, float(bottom - top))
        return (
            float(cols[0]), float(rows[0]),
            float(cols[-1] - cols[0] + 1), float(rows[-1] - rows[0] + 1),
        )  # fmt: skip

    def _text(
        self, x: float, y: float, text: str, *, bold: bool = False, fill: int | None = None
    ) -> float:
        font = self.bold if bold else self.font
        self.pen.text((x, y), text, font=font, fill=self.ink if fill is None else fill)
        return float(font.getlength(text))

    def _wrap(self, text: str, width: float, indent: float = 0.0) -> list[str]:
        lines, current, room = [], "", width - indent
        for word in text.split(" "):
            trial = f"{current} {word}".strip()
            if self.font.getlength(trial) > room and current:
                lines.append(current)
                current, room = word, width
            else:
                current = trial
        return [*lines, current]

    def _paragraph(self, x: float, y: int, text: str, width: float, indent: float = 0.0) -> int:
        for index, line in enumerate(self._wrap(text, width, indent)):
            self._text(x + (indent if index == 0 else 0), y, line)
            y += self.line
        return y

    def _header(self) -> int:
        style = self.style
        y = int(style.height * 0.035)
        if not style.header:
            return y + self.line
        title = _font(style.bold, int(style.text * 1.8))
        text = content.pick(self.rng, content.TITLES)
        where = (style.width - title.getlength(text)) / 2 if style.footer == "exam" else self.margin
        self.pen.text((where, y), text, font=title, fill=self.ink)
        if style.footer == "exam":
            self._text(self.margin, y, str(self.rng.integers(1, 21)), bold=True)
            kind = "홀수형"
            self._text(style.width - self.margin - self.font.getlength(kind), y, kind)
        y += int(style.text * 2.8)
        if self.rng.random() < 0.8 or style.footer == "exam":
            self.pen.line((self.margin, y, style.width - self.margin, y), fill=self.ink, width=3)
        return y + int(self.line * 0.9)

    def _note_height(self, column: int) -> int:
        last = column == self.style.columns - 1
        return int(5.5 * self.line) if self.style.note and last else 0

    def _rules_and_footer(self, top: int, bottom: int) -> None:
        style, text = self.style, self.style.text
        if style.columns > 1 and style.divider:
            for column in range(1, style.columns):
                x = self.margin + column * (self.column_width + self.gutter) - self.gutter // 2
                self.pen.line((x, top - self.line // 2, x, bottom), fill=self.ink, width=2)
        if style.note:
            x = self.margin + (style.columns - 1) * (self.column_width + self.gutter)
            y = bottom - 4 * self.line
            self.pen.rectangle((x, y - 8, x + self.column_width, bottom - 4), outline=self.ink)
            for line in content.NOTES:
                y = self._paragraph(x + text / 2, y, line, self.column_width - text)
        y = int(style.height * 0.95)
        number = str(self.rng.integers(1, 21))
        middle = style.width / 2
        if style.footer == "number":
            self._text(middle - text, y, f"- {number} -")
        elif style.footer == "count":
            self._text(middle - text, y, f"{number} / 20")
        elif style.footer == "exam":
            self._text(middle - text, y, f"{number}   20")
            self.pen.rectangle(
                (middle - 3 * text, y - 6, middle + 3 * text, y + text + 10), outline=self.ink
            )
            small = _font(style.font, int(text * 0.8))
            words = "이 문제지에 관한 저작권은 출제 기관에 있습니다."
            where = (middle - small.getlength(words) / 2, y + 1.9 * text)
            self.pen.text(where, words, font=small, fill=self.ink)

    def _question(self, x: int, y: int, number: int) -> int:
        style = self.style
        label = style.form.format(n=number)
        bold = bool(self.rng.random() < 0.6 or style.footer == "exam")
        used = self._text(x, y, label, bold=bold) + 0.35 * style.text
        hang = used if style.hanging else 0.0
        body = x + hang
        room = self.column_width - hang
        stem = content.pick(self.rng, content.STEMS)
        if self.rng.random() < 0.15:
            stem = content.pick(self.rng, content.PROSE) + " " + stem
        y = self._paragraph(body, y, stem, room, indent=used - hang)
        if style.figures and self.rng.random() < 0.4:
            y = self._figure(int(body), y, int(room))
        if "<보기>" in stem or self.rng.random() < 0.2:
            y = self._hints(int(body), y, int(room))
        return self._choices(body, y, room) if self.rng.random() < 0.88 else y

    def _figure(self, x: int, y: int, room: int) -> int:
        height = int(self.rng.uniform(4, 8) * self.line)
        width = int(self.rng.uniform(0.4, 0.9) * room)
        left = x + (room - width) // 2
        figures.draw(self.rng, self.canvas, (left, y + 8, width, height), self.font, self.ink)
        return y + height + self.line

    def _hints(self, x: int, y: int, room: int) -> int:
        text = self.style.text
        top = y + text // 2
        y = top + text
        for index in range(3):
            y = self._paragraph(x + text, y, content.HINTS[(index + int(top)) % 5], room - 2 * text)
        self.pen.rectangle((x, top, x + room - 2, y + 4), outline=self.ink, width=2)
        label = "<보 기>"
        wide = self.font.getlength(label)
        centre = x + room / 2
        self.pen.rectangle((centre - wide * 0.6, top - 3, centre + wide * 0.6, top + 3), fill=255)
        self._text(centre - wide / 2, top - text // 2, label)
        return y + self.line // 2

    def _choices(self, x: float, y: int, room: float) -> int:
        choices = content.CHOICES[int(self.rng.integers(len(content.CHOICES)))]
        cell = room / 5
        if max(self.font.getlength(choice) for choice in choices) < cell * 0.95:
            for index, choice in enumerate(choices):
                self._text(x + index * cell, y, choice)
            return y + self.line
        if max(self.font.getlength(choice) for choice in choices) < room / 3 * 0.95:
            for index, choice in enumerate(choices):
                self._text(x + index % 3 * room / 3, y + index // 3 * self.line, choice)
            return y + 2 * self.line
        for choice in choices:
            y = self._paragraph(x, y, choice, room)
        return y

    def _passage(self, x: int, y: int, number: int, last: int) -> int:
        sign = str(self.rng.choice(["～", "~"]))
        self._text(
            x,
            y,
            f"[{number}{sign}{last}] 다음 글을 읽고 물음에 답하시오.",
            bold=bool(self.rng.random() < 0.5),
        )
        y += int(1.3 * self.line)
        boxed = bool(self.rng.random() < 0.5)
        inset = self.style.text // 2 if boxed else 0
        top = y
        y += inset
        for _ in range(int(self.rng.integers(2, 6))):
            text = (
                content.pick(self.rng, content.PROSE) + " " + content.pick(self.rng, content.PROSE)
            )
            y = self._paragraph(x + inset, y, text, self.column_width - 2 * inset, self.style.text)
        if boxed:
            self.pen.rectangle(
                (x, top, x + self.column_width - 2, y + inset), outline=self.ink, width=2
            )
            y += inset
        return y


def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    index = 1 if path.suffix == ".ttc" and "CJK" in path.name else 0
    return ImageFont.truetype(str(path), size, index=index)
