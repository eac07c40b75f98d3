"""Figures for rendered exam pages: plots, tables, geometry, photographs, drawings."""

import cv2
import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

Place = tuple[int, int, int, int]


def draw(
    rng: np.random.Generator,
    canvas: Pil.Image,
    place: Place,
    font: ImageFont.FreeTypeFont,
    ink: int,
) -> None:
    """Draw one figure of a random kind into `place` (x, y, w, h) of a grey canvas."""
    kinds = (_table, _plot, _shapes, _photograph, _bars, _drawing, _circuit)
    kinds[int(rng.integers(len(kinds)))](rng, canvas, place, font, ink)


def _table(rng, canvas, place, font, ink):
    x, y, w, h = place
    pen = ImageDraw.Draw(canvas)
    rows, cols = int(rng.integers(2, 5)), int(rng.integers(2, 6))
    for row in range(rows + 1):
        pen.line((x, y + row * h // rows, x + w, y + row * h // rows), fill=ink, width=2)
    for col in range(cols + 1):
        pen.line((x + col * w // cols, y, x + col * w // cols, y + h), fill=ink, width=2)
    for row in range(rows):
        for col in range(cols):
            text = (
                str(rng.integers(1, 100)) if row else str(rng.choice(["A", "값", "점수", "(가)"]))
            )
            pen.text((x + col * w // cols + 8, y + row * h // rows + 8), text, font=font, fill=ink)


def _axes(pen, place, font, ink):
    x, y, w, h = place
    pen.line((x, y + h - 20, x + w, y + h - 20), fill=ink, width=2)
    pen.line((x + 20, y, x + 20, y + h), fill=ink, width=2)
    pen.polygon([(x + w, y + h - 20), (x + w - 12, y + h - 26), (x + w - 12, y + h - 14)], fill=ink)
    pen.polygon([(x + 20, y), (x + 14, y + 12), (x + 26, y + 12)], fill=ink)
    pen.text((x + w - 20, y + h - 16), "x", font=font, fill=ink)
    pen.text((x + 30, y - 4), "y", font=font, fill=ink)
    pen.text((x, y + h - 18), "O", font=font, fill=ink)


def _plot(rng, canvas, place, font, ink):
    x, y, w, h = place
    pen = ImageDraw.Draw(canvas)
    _axes(pen, place, font, ink)
    for _ in range(int(rng.integers(1, 3))):
        t = np.linspace(0, 1, 80)
        a, b, c = rng.uniform(-1, 1, 3)
        curve = a * np.sin(2 * np.pi * (t * rng.uniform(0.3, 1.5) + b)) + c * t
        curve = (curve - curve.min()) / max(0.3, float(np.ptp(curve)))
        points = [
            (x + 24 + float(u) * (w - 40), y + 10 + float(v) * (h - 40))
            for u, v in zip(t, curve, strict=True)
        ]
        pen.line(points, fill=ink, width=int(rng.integers(2, 5)))
    if rng.random() < 0.5:
        for u in np.arange(0.1, 0.9, 0.04):
            pen.line(
                (x + 24 + u * w, y + h / 2, x + 24 + (u + 0.02) * w, y + h / 2), fill=ink, width=2
            )


def _shapes(rng, canvas, place, font, ink):
    x, y, w, h = place
    pen = ImageDraw.Draw(canvas)
    for index in range(int(rng.integers(1, 4))):
        points = [
            (x + float(rng.random()) * w, y + float(rng.random()) * h)
            for _ in range(int(rng.integers(3, 6)))
        ]
        if rng.random() < 0.4:
            r = min(w, h) * rng.uniform(0.2, 0.45)
            pen.ellipse(
                (x + w / 2 - r, y + h / 2 - r, x + w / 2 + r, y + h / 2 + r), outline=ink, width=2
            )
        else:
            pen.polygon(points, outline=ink, width=int(rng.integers(1, 4)))
        for place_, letter in zip(points, "ABCDE", strict=False):
            pen.text(place_, letter, font=font, fill=ink)
        if index > 1:
            break


def _photograph(rng, canvas, place, _font, _ink):
    x, y, w, h = place
    coarse = rng.random((int(rng.integers(3, 14)), int(rng.integers(3, 14))))
    smooth = cv2.resize(coarse.astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, rng.uniform(0, 0.12), (h, w))
    values = np.clip(smooth + grain, 0, 1)
    if rng.random() < 0.4:  # halftone
        values = (values > rng.random((h, w)) * 0.8 + 0.1).astype(float)
        values = cv2.GaussianBlur(values, (0, 0), 0.8)
    canvas.paste(Pil.fromarray((30 + 215 * values).astype(np.uint8)), (x, y))


def _bars(rng, canvas, place, font, ink):
    x, y, w, h = place
    pen = ImageDraw.Draw(canvas)
    _axes(pen, place, font, ink)
    count = int(rng.integers(3, 8))
    for index in range(count):
        tall = rng.uniform(0.2, 0.85) * h
        left = x + 34 + index * (w - 60) / count
        box = (left, y + h - 20 - tall, left + 0.6 * (w - 60) / count, y + h - 20)
        pen.rectangle(box, outline=ink, fill=int(rng.choice([255, 190, 130, 60])), width=2)


def _drawing(rng, canvas, place, _font, ink):
    """Clean curved outlines, as in cartoons and biology figures."""
    x, y, w, h = place
    pen = ImageDraw.Draw(canvas)
    for _ in range(int(rng.integers(2, 7))):
        cx, cy = x + rng.uniform(0.2, 0.8) * w, y + rng.uniform(0.2, 0.8) * h
        angles = np.linspace(0, 2 * np.pi, 60)
        radius = min(w, h) * rng.uniform(0.08, 0.3)
        wobble = 1 + 0.25 * np.sin(angles * int(rng.integers(2, 6)) + rng.uniform(0, 6))
        squash = rng.uniform(0.5, 1)
        points = [
            (cx + float(radius * k * np.cos(a)), cy + float(squash * radius * k * np.sin(a)))
            for a, k in zip(angles, wobble, strict=True)
        ]
        pen.line([*points, points[0]], fill=ink, width=int(rng.integers(2, 4)))
        if rng.random() < 0.3:
            pen.polygon(points, fill=int(rng.integers(120, 230)), outline=ink)


def _circuit(rng, canvas, place, font, ink):
    x, y, w, h = place
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((x + 10, y + 20, x + w - 10, y + h - 20), outline=ink, width=2)
    for share in (0.25, 0.6):
        cx = x + share * w
        pen.rectangle((cx - 30, y + 8, cx + 30, y + 32), fill=255, outline=ink, width=2)
        pen.text((cx - 12, y + 36), str(rng.choice(["R", "A", "V"])), font=font, fill=ink)
    r = 22
    pen.ellipse(
        (x + w / 2 - r, y + h - 20 - r, x + w / 2 + r, y + h - 20 + r), fill=255, outline=ink
    )
