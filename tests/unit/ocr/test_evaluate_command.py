"""`academy-worker ocr evaluate`: its rates are those of texts compared by hand."""

import json

import pytest
from typer.testing import CliRunner

from academy_worker.commands.ocr import app
from analysis.image import encode_jpeg
from tests.generators.pages.content import CHOICES, HINTS, STEMS, Question
from tests.generators.pages.question import FONTS, render


@pytest.fixture(scope="module")
def question():
    return render(Question(3, STEMS[8], None, HINTS[:2], CHOICES[7]), FONTS[0])


def evaluated(folder):
    result = CliRunner().invoke(app, ["evaluate", str(folder)], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    rows = [
        [cell.strip() for cell in line.strip("│ ").split("│")]
        for line in result.output.splitlines()
        if line.startswith("│")
    ]
    return {row[0]: row[1:] for row in rows}


def test_a_folder_of_pictures_and_texts_gives_a_row_for_each_group(tmp_path, question):
    wrong = question.text[::-1]
    for name, text in (("right_1", question.text), ("wrong_1", wrong)):
        (tmp_path / f"{name}.jpg").write_bytes(encode_jpeg(question.image, 92))
        (tmp_path / f"{name}.json").write_text(json.dumps({"text": text}))
    rows = evaluated(tmp_path)
    assert rows.keys() == {"right", "wrong"}
    read, rate, _, _, choices, of, *_ = rows["right"]
    assert (read, choices, of) == ("1", "1.000", "5")
    assert float(rate) <= 0.05
    assert float(rows["wrong"][1]) > 0.5


def test_items_are_cut_out_and_read_one_by_one(tmp_path, question):
    height, width = question.image.shape[:2]
    (tmp_path / "exam_1.jpg").write_bytes(encode_jpeg(question.image, 92))
    item = {"box": [0, 0, width, height], "text": question.text}
    (tmp_path / "exam_1.json").write_text(json.dumps({"items": [item, {"box": [0, 0, 9, 9]}]}))
    (row,) = evaluated(tmp_path).values()
    assert row[0] == "1"
    assert float(row[1]) <= 0.05


def test_a_folder_without_truth_is_refused(tmp_path):
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path)])
    assert result.exit_code == 2
