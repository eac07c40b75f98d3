"""`academy-worker segmentation evaluate`."""

import json

import cv2
from typer.testing import CliRunner

from academy_worker.commands.segmentation import app


def test_it_scores_a_labelled_folder(tmp_path, page, picture):
    cv2.imwrite(str(tmp_path / "clean_01.png"), picture)
    items = [{"type": i.kind, "num": i.number, "box": i.box} for i in page.items]
    (tmp_path / "clean_01.json").write_text(json.dumps({"items": items}))
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path)], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    row = next(line for line in result.output.splitlines() if "clean" in line)
    assert row.count("1.000") == 5
    assert "1/1" in row


def test_a_folder_without_labels_is_refused(tmp_path):
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path)])
    assert result.exit_code == 2
