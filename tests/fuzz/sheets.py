"""Template metas to start from: small sheets in the dialects that are accepted."""

from typing import Any


def meta(
    questions: int = 4, choices: int = 5, *, digits: int = 1, older_dialect: bool = False
) -> Any:
    """A sheet of A4 in one column, in mm; the older dialect has other names."""
    number, bubbles, label = (
        ("question_number", "bubbles", "value")
        if older_dialect
        else ("question_id", "choices", "label")
    )
    return {
        "schema": "omr-template/1",
        "template_id": "fuzz",
        "units": "mm",
        "page": {"size": {"width": 210.0, "height": 297.0}},
        "questions": [
            {
                number: row + 1,
                "type": "single",
                bubbles: [
                    {
                        label: str(column + 1),
                        "center": {"x": 60.0 + 8 * column, "y": 20.0 + 0.9 * 300 * row / questions},
                        "rx": 2.0,
                        "ry": 2.4,
                    }
                    for column in range(choices)
                ],
            }
            for row in range(questions)
        ],
        "identifier": {
            "digit_count": digits,
            "bubbles": [
                {
                    "digit_index": digit + 1,
                    "number": value,
                    "center": {"x": 15.0 + 8 * digit, "y": 30.0 + 9 * value},
                    "r": 2.0,
                }
                for digit in range(digits)
                for value in range(10)
            ],
        },
        "fiducials": [
            {
                "kind": "aruco",
                "dict": "DICT_4X4_50",
                "id": index,
                "center": {"x": x, "y": y},
                "size": 8.0,
            }
            for index, (x, y) in enumerate([(10, 10), (200, 10), (10, 287), (200, 287)])
        ],
    }


METAS = [meta(), meta(older_dialect=True), meta(2, 4, digits=2), meta(1, 1, digits=0)]
