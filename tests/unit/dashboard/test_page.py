"""The page: complete, self-contained, and nobody's text runs in it."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from academy_worker.cost.model import Prices
from academy_worker.dashboard import plots
from academy_worker.dashboard.figures import Figures, figures
from academy_worker.dashboard.log_lines import read_log
from academy_worker.dashboard.page import plots_of, write_page
from academy_worker.main import app
from jobs.telemetry import CloudTelemetry, Metric
from tests.unit.dashboard.conftest import Emit

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def run(telemetry: CloudTelemetry, emitted: Emit) -> list[str]:
    telemetry.count(Metric.ADMITTED, "lite", "ocr")
    telemetry.count(Metric.QUEUE_WAIT, "lite", "ocr", 1234.0)
    telemetry.count(Metric.RUN_TIME, "lite", "ocr", 5670.0)
    telemetry.count(Metric.DONE, "lite", "ocr")
    telemetry.count(Metric.NOTIFIED, "lite", "ocr")
    telemetry.count(Metric.NOTIFY_LAG, "lite", "ocr", 890.0)
    telemetry.count(Metric.FAILED, "basic", "ocr", code=HOSTILE)
    telemetry.count(Metric.REJECTED, "basic", "ocr")
    return [*emitted(), '{"queue": "notify-dlq", "depth": 7}']


def found(lines: list[str]) -> Figures:
    return figures(read_log(lines), Prices.load())


def test_the_page_shows_the_figures_and_nobody_else_s_markup(
    run: list[str], tmp_path: Path
) -> None:
    write_page(tmp_path / "page.html", found(run))

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for shown in ("1.23 / 1.23", "5.67 / 5.67", "0.89 / 0.89", "notify-dlq"):
        assert shown in page
    assert re.search(r"<td>NotifyRejected</td><td class=\"n\">1</td>", page)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(?:src|href)=|@import|url\(", page)


def test_every_plot_is_well_formed_and_inside_its_frame(run: list[str]) -> None:
    drawn = plots_of(found(run))
    assert len(drawn) >= 7
    for plot in drawn:
        picture = ET.fromstring(str(plot.picture))
        _, _, width, height = map(float, picture.attrib["viewBox"].split())
        for dot in picture.iter("circle"):
            assert 0 <= float(dot.attrib["cx"]) <= width
            assert 0 <= float(dot.attrib["cy"]) <= height
        for bar in picture.iter("rect"):
            assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= width


def test_each_sample_is_a_dot() -> None:
    picture = ET.fromstring(str(plots.scatter({"lite": [(1, 2), (3, 4)], "basic": [(2, 1)]}, 4)))
    assert len(list(picture.iter("circle"))) == 3


def test_a_step_rises_at_its_point_and_goes_on_to_the_end() -> None:
    picture = ET.fromstring(str(plots.steps({"done": [(5.0, 1.0)]}, 10.0)))
    [path] = picture.iter("path")
    left, right = plots.LEFT, plots.WIDTH - plots.RIGHT
    middle = (left + right) / 2
    assert f"H{middle:.1f} V{plots.TOP:.1f} H{right:.1f}" in path.attrib["d"]


def test_bars_are_as_long_as_their_values() -> None:
    rows = [plots.Bar("a", 4.0, "4", mark=1.0), plots.Bar("b", 2.0, "2")]
    picture = ET.fromstring(str(plots.bars(rows)))
    weak_a, strong_a, weak_b, strong_b = (
        float(bar.attrib["width"]) for bar in picture.iter("rect")
    )
    assert strong_a == pytest.approx(weak_a / 4, abs=0.1)
    assert weak_b == strong_b == pytest.approx(weak_a / 2, abs=0.1)


@given(st.floats(1e-3, 1e7))
def test_an_axis_has_a_few_ticks_up_to_its_end(top: float) -> None:
    found = plots.ticks(top)
    assert found[0] == 0
    assert 2 <= len(found) <= 6
    assert found[-1] <= top * 1.002


def test_the_command_draws_a_log(run: list[str], tmp_path: Path) -> None:
    log, page = tmp_path / "log", tmp_path / "out" / "page.html"
    log.write_text("\n".join(run), encoding="utf-8")

    told = CliRunner().invoke(app, ["dashboard", "--log", str(log), "--out", str(page)])
    assert told.exit_code == 0, told.output
    assert "bytes of logs per job" in told.stdout
    assert page.exists()


@pytest.mark.parametrize("text", ["", "START\nEND\n"])
def test_the_command_says_when_there_is_nothing_to_draw(text: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(text)
    told = CliRunner().invoke(app, ["dashboard", "--log", str(log)])
    assert told.exit_code == 2
    assert "no metric" in told.output


def test_the_command_says_when_there_is_no_such_log(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["dashboard", "--log", str(tmp_path / "none")])
    assert told.exit_code == 2
    assert "No such file" in told.output
