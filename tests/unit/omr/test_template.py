"""Template meta is checked, and each fault is named by its path."""

import copy
from typing import Any

import pytest

from analysis.omr.standard_form import standard_meta
from analysis.omr.template import parse_template
from faults import Code, Permanent


def broken(path: str, value: Any) -> dict[str, Any]:
    meta = copy.deepcopy(standard_meta(10))
    *parents, last = path.split(".")
    place: Any = meta
    for part in parents:
        place = place[int(part)] if part.isdigit() else place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return meta


@pytest.mark.parametrize("count", [1, 10, 20, 30, 45, 60])
@pytest.mark.parametrize("choices", [2, 5, 10])
def test_standard_forms_are_valid(count: int, choices: int) -> None:
    template = parse_template(standard_meta(count, choices))
    assert len(template.questions) == count
    assert len(template.centers) == count * choices + 80


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("page.size.width", -1, "page.size.width"),
        ("questions.3.choices.1.center.x", "left", "questions.3.choices.1.center.x"),
        ("questions.3.choices.1.center.x", 5000, "questions.3.choices.1.center.x"),
        ("questions.2.choices.0.center.x", 296.5, "questions.2.choices.0: bubble lies outside"),
        ("questions.2.choices.0.r", None, "neither r nor rx"),
        ("questions.4.question_id", 1, "question_id 1 occurs twice"),
        ("questions.4.choices.1.label", "1", "questions.4.choices: a label occurs twice"),
        ("questions", [], "questions"),
        ("units", "inch", "units"),
        ("identifier.bubbles.5.number", 4, "has not the ten bubbles"),
    ],
)
def test_a_wrong_meta_is_refused_by_path(path: str, value: Any, said: str) -> None:
    with pytest.raises(Permanent, match=said.replace(".", r"\.")) as caught:
        parse_template(broken(path, value))
    assert caught.value.code is Code.TEMPLATE_INVALID


def test_overlapping_bubbles_are_refused() -> None:
    meta = standard_meta(10)
    first, second = meta["questions"][0]["choices"][:2]
    second["center"]["x"] = first["center"]["x"] + 1.0
    with pytest.raises(Permanent, match=r"overlaps questions\.0\.choices\.1"):
        parse_template(meta)


def test_todays_meta_of_the_api_loads_with_its_aliases() -> None:
    meta = standard_meta(10)
    bare = {
        "units": "mm",
        "page": {"size": {"width": 297, "height": 210}},
        "questions": [
            {
                "question_number": question["question_id"],
                "bubbles": [
                    {"value": choice["label"], "center": choice["center"], "r": choice["r"]}
                    for choice in question["choices"]
                ],
            }
            for question in meta["questions"]
        ],
    }
    template = parse_template(bare)
    assert [question.question_id for question in template.questions] == list(range(1, 11))
    assert template.digits == ()
