"""`academy-worker wrong-note`."""

import json
from pathlib import Path

from typer.testing import CliRunner

from academy_worker.main import app

SAMPLE = Path(__file__).parents[3] / "samples" / "wrong_note" / "note.json"


def test_the_sample_becomes_a_whole_note(tmp_path: Path):
    done = CliRunner().invoke(app, ["wrong-note", str(SAMPLE), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "10 wrong answers on" in done.output
    assert "missing" not in done.output
    assert (tmp_path / "wrong-note.pdf").read_bytes().startswith(b"%PDF-")


def test_a_wrong_payload_names_its_field(tmp_path: Path):
    file = tmp_path / "note.json"
    file.write_text(json.dumps({"enrollment_id": "1", "exams": [{"items": []}]}))
    done = CliRunner().invoke(app, ["wrong-note", str(file)])
    assert done.exit_code == 1
    assert "exams.0.exam_id" in done.output
