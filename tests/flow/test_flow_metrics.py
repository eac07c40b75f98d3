"""What a video's flow tells the dashboard."""

import json
from typing import Any

import pytest

from jobs.row import Status
from jobs.telemetry import Metric
from tests.flow.conftest import World


@pytest.fixture
def emitting(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")
    return world


def metrics(capsys: pytest.CaptureFixture[str], *names: Metric) -> dict[str, dict[str, Any]]:
    """The embedded metrics of these names that were written, by name; each only once."""
    found: dict[str, dict[str, Any]] = {}
    for text in capsys.readouterr().out.splitlines():
        line = json.loads(text) if text.startswith("{") else {}
        for name in names:
            if "_aws" in line and name.value in line:
                assert name.value not in found, "told twice"
                found[name.value] = line
    return found


def test_a_film_read_tells_its_wait_its_time_and_its_end(
    emitting: World, capsys: pytest.CaptureFixture[str]
) -> None:
    status, row = emitting.run(download_url=f"{emitting.films}/two.mp4")

    assert (status, row.status) == ("SUCCEEDED", Status.DONE)
    told = metrics(capsys, Metric.QUEUE_WAIT, Metric.RUN_TIME, Metric.DONE, Metric.FAILED)
    assert set(told) == {"QueueWaitMs", "RunMs", "Done"}
    assert row.started_at is not None
    assert row.finished_at is not None
    assert told["RunMs"]["RunMs"] == [pytest.approx(1000 * (row.finished_at - row.started_at))]
    assert told["Done"]["JobType"] == "homework_video_analysis"


def test_a_file_that_is_no_film_tells_its_code(
    emitting: World, capsys: pytest.CaptureFixture[str]
) -> None:
    _, row = emitting.run(download_url=f"{emitting.films}/notes.mp4")

    assert row.status is Status.FAILED
    told = metrics(capsys, Metric.DONE, Metric.FAILED)
    assert set(told) == {"Failed"}
    assert told["Failed"]["Code"] == row.error_code
