"""The academy's own answer sheet as template meta: A4 landscape, 10-60 questions, 8 digits."""

from typing import Any

_WIDTH, _HEIGHT = 297.0, 210.0
_MARGIN, _MARKER = 12.0, 8.0
_DIGITS = 8
_RADIUS = 2.5
_ROWS = 20
_FIRST_COLUMN, _COLUMN = 112.0, 62.0
_TOP, _BOTTOM = 44.0, 196.0


def standard_meta(question_count: int, choices: int = 5) -> dict[str, Any]:
    """Build the meta of a sheet with corner markers and a QR; 1-60 questions, 2-10 choices."""
    if not (1 <= question_count <= 60 and 2 <= choices <= 10):
        raise ValueError("a sheet has 1-60 questions of 2-10 choices")
    pitch = min(11.0, 44.0 / (choices - 1))
    radius = min(_RADIUS, pitch / 2.6)
    template_id = f"academy-{question_count}x{choices}"
    return {
        "schema": "omr-template/1",
        "template_id": template_id,
        "version": 1,
        "units": "mm",
        "question_count": question_count,
        "page": {"size": {"width": _WIDTH, "height": _HEIGHT}, "orientation": "landscape"},
        "fiducials": [_marker(number) for number in range(4)],
        "code": {
            "kind": "qr",
            "center": {"x": 262.0, "y": 20.0},
            "size": 16,
            "payload": f"{template_id}/1",
        },
        "identifier": {
            "digit_count": _DIGITS,
            "bubbles": [
                {
                    "digit_index": digit + 1,
                    "number": number,
                    "center": {"x": 24.0 + 9.0 * digit, "y": 84.0 + 11.0 * number},
                    "r": 2.4,
                }
                for digit in range(_DIGITS)
                for number in range(10)
            ],
        },
        "questions": [
            {
                "question_id": number + 1,
                "number": number + 1,
                "type": "single",
                "choices": _choices(number, question_count, choices, pitch, radius),
            }
            for number in range(question_count)
        ],
    }


def _marker(number: int) -> dict[str, Any]:
    x = _MARGIN if number in (0, 3) else _WIDTH - _MARGIN
    y = _MARGIN if number in (0, 1) else _HEIGHT - _MARGIN
    return {
        "kind": "aruco",
        "dict": "DICT_4X4_50",
        "id": number,
        "center": {"x": x, "y": y},
        "size": _MARKER,
    }


def _choices(
    number: int, question_count: int, choices: int, pitch: float, radius: float
) -> list[dict[str, Any]]:
    rows = min(_ROWS, max(10, -(-question_count // 3)))
    column, row = divmod(number, rows)
    step = (_BOTTOM - _TOP) / max(rows, 12)
    return [
        {
            "label": str(choice + 1),
            "center": {
                "x": round(_FIRST_COLUMN + _COLUMN * column + pitch * choice, 3),
                "y": round(_TOP + step * (row + 0.5), 3),
            },
            "r": round(radius, 3),
        }
        for choice in range(choices)
    ]
