"""Lines on standard output as CloudWatch reads them: embedded metrics and coded log lines."""

import json
from typing import Any

import pytest

from faults import Code
from jobs.contract.message import Tier
from jobs.outcome import Done, Failed, StoredResult
from jobs.row import JobRow, Status
from jobs.telemetry import ALARMING, NAMESPACE, CloudTelemetry, Metric, dimension_sets, tell_ended

ROW = JobRow("job-1", Status.PROCESSING, Tier.LITE, "ocr", 0.0, 9.0, "x", attempt=2)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def embedded(line: dict[str, Any]) -> dict[str, Any]:
    """The one metric directive of a line."""
    [directive] = line["_aws"]["CloudWatchMetrics"]
    return dict(directive)


@pytest.mark.parametrize("metric", Metric)
def test_a_metric_is_emitted_under_the_sets_the_alarms_are_written_for(
    metric: Metric, capsys: pytest.CaptureFixture[str]
) -> None:
    CloudTelemetry("stack").count(metric, "lite", "ocr", 3.5, code="internal")

    [line] = lines(capsys)
    directive = embedded(line)
    assert directive["Namespace"] == NAMESPACE
    assert directive["Dimensions"] == dimension_sets(metric)
    assert [one["Name"] for one in directive["Metrics"]] == [metric.value]
    assert line[metric.value] == [3.5]
    for name in {name for names in directive["Dimensions"] for name in names}:
        assert line[name] == {"service": "stack", "Tier": "lite", "JobType": "ocr"}.get(
            name, "internal"
        )


def test_one_metric_does_not_carry_over_into_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = CloudTelemetry("stack")
    telemetry.count(Metric.FAILED, "lite", "ocr", code="internal")
    telemetry.count(Metric.DONE, "", "")

    _, second = lines(capsys)
    assert "Failed" not in second
    assert "Code" not in second
    assert (second["Tier"], second["JobType"]) == ("none", "none")


def test_what_alarms_watch_can_be_read_without_naming_a_tier() -> None:
    assert all(["service"] in dimension_sets(metric) for metric in ALARMING)


def test_a_job_that_ended_well_tells_its_time_and_its_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_ended(CloudTelemetry("ends-well"), ROW, Done(StoredResult("{}")), 1.25)

    ran, done, line = lines(capsys)
    assert ran["RunMs"] == [1250.0]
    assert done["Done"] == [1.0]
    said = [line.get(name) for name in ("message", "job_id", "tier", "attempt", "code")]
    assert said == ["ended", "job-1", "lite", 2, None]


def test_a_job_ended_by_others_has_no_time_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    tell_ended(CloudTelemetry("ended-by-others"), ROW, Failed(Code.DEADLINE, "late"))

    failed, line = lines(capsys)
    assert (failed["Failed"], failed["Code"]) == ([1.0], "deadline")
    assert line["code"] == "deadline"


def test_a_job_type_somebody_made_up_makes_no_metric_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for made_up in ("horoscope", "tarot"):
        CloudTelemetry("stack").count(Metric.NOTIFIED, "lite", made_up)

    assert {line["JobType"] for line in lines(capsys)} == {"unknown"}
