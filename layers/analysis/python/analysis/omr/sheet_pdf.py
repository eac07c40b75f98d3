"""The printed sheet, drawn from the very meta it is read by: geometry from one source."""

import io
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from analysis.omr.template import Template, parse_template

_MM = 72 / 25.4
"""PDF points a millimetre."""

_PRINT = (0.43, 0.43, 0.43)
"""Grey of outlines and labels: clear to a student, pale beside any pencil."""

_LABEL_SHARE = 1.15
"""Height of a label over the bubble's radius."""

_FONT = "Sheet"


def sheet_pdf(meta: Mapping[str, Any], font_path: str, title: str = "OMR 답안지") -> bytes:
    """Draw one page of PDF; `font_path` is a TrueType font with Hangul, which is embedded.

    Raises `Permanent(template_invalid)` for a meta that cannot be read back.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    template = parse_template(meta)
    pdfmetrics.registerFont(TTFont(_FONT, font_path))
    data = io.BytesIO()
    canvas = Canvas(
        data, pagesize=(template.width * _MM, template.height * _MM), invariant=1, pageCompression=1
    )
    canvas.setTitle(title)
    pen = _Pen(canvas, template)
    pen.heading(title)
    pen.markers()
    pen.code(meta)
    pen.identifier()
    pen.questions()
    canvas.showPage()
    canvas.save()
    return data.getvalue()


class _Pen:
    """Draws in mm from the top left."""

    def __init__(self, canvas: Any, template: Template) -> None:
        self._canvas = canvas
        self._template = template

    def heading(self, title: str) -> None:
        width = self._template.width
        self._text(width / 2, 20.0 if width > 200 else 16.0, title, 7.0, (0, 0, 0))
        if self._template.digits:
            x = float(self._digit_centers()[:, 0].min()) - 6.0
            top = float(self._digit_centers()[:, 1].min())
            for row, name in enumerate(("이름", "반")):
                y = top - 48.0 + 13.0 * row
                if y > 4.0:
                    self._frame(x, y, 76.0, 10.0)
                    self._text(x + 8.0, y + 6.4, name, 4.0, _PRINT)
            self._text(x + 38.0, top - 18.5, "수험번호", 4.0, _PRINT)

    def markers(self) -> None:
        for item in self._template.fiducials:
            dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, item.dictionary))
            cells = cv2.aruco.generateImageMarker(dictionary, item.marker_id, 6)
            self._cells(np.asarray(cells) < 128, item.center, item.size)

    def code(self, meta: Mapping[str, Any]) -> None:
        code = meta.get("code")
        if not code or code.get("kind") != "qr":
            return
        from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

        drawn = QRCode(None, QRErrorCorrectLevel.M)
        drawn.addData(str(code["payload"]))
        drawn.make()
        modules = np.array([[bool(cell) for cell in row] for row in drawn.modules])
        center = (float(code["center"]["x"]), float(code["center"]["y"]))
        self._cells(modules, center, float(code["size"]))

    def identifier(self) -> None:
        for digit in self._template.digits:
            x, top = self._template.centers[digit.choices[0].index]
            self._frame(x - 4.0, top - 14.0, 8.0, 9.0)
            for choice in digit.choices:
                self._bubble(choice.index, choice.label)

    def questions(self) -> None:
        for question in self._template.questions:
            centers = self._template.centers[[choice.index for choice in question.choices]]
            left = centers[centers[:, 0].argmin()]
            radius = self._template.radii[question.choices[0].index, 0]
            self._text(
                left[0] - radius - 5.0, left[1] + 1.6, str(question.question_id), 4.6, (0, 0, 0)
            )
            for choice in question.choices:
                self._bubble(choice.index, choice.label)

    def _digit_centers(self) -> Any:
        return self._template.centers[
            [choice.index for digit in self._template.digits for choice in digit.choices]
        ]

    def _bubble(self, index: int, label: str) -> None:
        x, y = self._template.centers[index]
        rx, ry = self._template.radii[index]
        self._canvas.setStrokeColorRGB(*_PRINT)
        self._canvas.setLineWidth(0.25 * _MM)
        self._canvas.ellipse(
            (x - rx) * _MM, self._up(y + ry), (x + rx) * _MM, self._up(y - ry), stroke=1, fill=0
        )
        size = _LABEL_SHARE * ry
        self._text(x, y + 0.36 * size, label, size, _PRINT)

    def _frame(self, x: float, y: float, width: float, height: float) -> None:
        self._canvas.setStrokeColorRGB(*_PRINT)
        self._canvas.setLineWidth(0.3 * _MM)
        self._canvas.rect(x * _MM, self._up(y + height), width * _MM, height * _MM)

    def _text(
        self, x: float, y: float, text: str, size: float, colour: tuple[float, float, float]
    ) -> None:
        self._canvas.setFillColorRGB(*colour)
        self._canvas.setFont(_FONT, size * _MM)
        self._canvas.drawCentredString(x * _MM, self._up(y), text)

    def _cells(self, dark: Any, center: tuple[float, float], size: float) -> None:
        cell = size / len(dark)
        self._canvas.setFillColorRGB(0, 0, 0)
        for row, column in np.argwhere(dark):
            x = center[0] - size / 2 + column * cell
            y = center[1] - size / 2 + (row + 1) * cell
            self._canvas.rect(
                x * _MM, self._up(y), cell * _MM + 0.05, cell * _MM + 0.05, stroke=0, fill=1
            )

    def _up(self, y: float) -> float:
        return float((self._template.height - y) * _MM)
