"""`academy-worker embedding evaluate` judges a file of triplets."""

from pathlib import Path

from typer.testing import CliRunner

from academy_worker.main import app

TRIPLETS = (
    "직사각형의 넓이를 구하시오.\t직사각형의 넓이는 얼마인가?\t직사각형의 둘레를 구하시오.\n"
    "지진이 일어나는 까닭은?\t지진이 나는 이유를 쓰시오.\t지진의 규모는?\n"
)


def test_a_file_of_triplets_is_judged_by_cosine_and_by_the_problem_score(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text(TRIPLETS, "utf-8")
    done = CliRunner().invoke(app, ["embedding", "evaluate", str(tmp_path / "t.tsv")])
    assert done.exit_code == 0, done.output
    score = next(line for line in done.output.splitlines() if "problem score" in line)
    assert score.split("│")[2:5] == [" 1.000 ", "        1.000 ", "             1.000 "]


def test_a_line_of_another_shape_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text(TRIPLETS + "가\t나\n", "utf-8")
    done = CliRunner().invoke(app, ["embedding", "evaluate", str(tmp_path / "t.tsv")])
    assert done.exit_code == 2
    assert "line 3" in done.output
