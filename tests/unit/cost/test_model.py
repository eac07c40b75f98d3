"""The calculator against sums done by hand."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from academy_worker.commands.cost import parse_mix
from academy_worker.cost.deployed import deployment
from academy_worker.cost.model import (
    CORE_MB,
    FOLDER,
    Deployment,
    Film,
    Model,
    Prices,
    load_measured,
)
from academy_worker.embedded.project import TEMPLATE
from academy_worker.main import app
from jobs.contract.message import JobType

USD = {
    "lambda_x86": 0.00002,
    "lambda_arm": 0.00001,
    "lambda_request": 0.000001,
    "sqs_request": 0.000001,
    "dynamodb_write": 0.000001,
    "dynamodb_read": 0.0000005,
    "s3_put": 0.000005,
    "s3_get": 0.000001,
    "s3_month": 0.02,
    "states_transition": 0.00002,
    "logs_gb": 1.0,
    "metric_month": 0.3,
    "alarm_month": 0.1,
    "composite_alarm_month": 0.5,
    "dashboard_month": 3.0,
    "secret_month": 0.4,
    "image_month": 0.1,
}
MEASURED: dict[str, Any] = {
    "jobs": {"ocr": {"first": 2.0, "warm": 1.0, "puts": 2, "kept": 1_000_000}},
    "provider_jobs": {"problem_generation": {"wait": 20.0}},
    "video": {"extract_per_minute": 6.0},
    "video_pages": {"score_per_page": 0.5},
    "video_flow": {
        "transitions": 16,
        "transitions_per_further_batch": 2,
        "pages_per_batch": 8,
        "puts_per_page": 2,
        "gets_per_page": 3,
        "puts_per_film": 7,
        "gets_per_film": 12,
        "bytes_per_page": 100_000,
    },
    "platform": {"sqs_requests": 6, "write_units": 6, "read_units": 1},
    "logs": {"bytes_per_job": 2000},
    "glue": {"seconds": 0.2, "calls": 3},
    "waiting": {"seconds": 0.5},
    "cold": {"share": 0.1},
    "idle": {"polls": 5, "seconds": 20},
    "busy": {"hours": 73},
    "image": {"gigabytes": 2.0},
}
MEMORY = {
    "admit": 256,
    "ocr": 2048,
    "problem_generation": 512,
    "video_probe": 1024,
    "video_extract": 2048,
    "video_merge": 2048,
    "video_pages": 2048,
    "video_finish": 1024,
}


def model(**deployed: Any) -> Model:
    return Model(Prices(USD, {}), MEASURED, Deployment(MEMORY, **deployed))


def test_a_reader_is_billed_for_its_work_and_its_waiting() -> None:
    # 10 % cold: 0.1 * 2 + 0.9 * 1 = 1.1 s, and 0.5 s of waiting: 1.6 s * 2 GB * 0.00002, 1 request
    assert model().job("ocr")["reading"] == pytest.approx(1.6 * 2 * 0.00002 + 0.000001)


def test_files_cost_their_requests_and_a_month_of_their_bytes() -> None:
    assert model().job("ocr")["files"] == pytest.approx(2 * 0.000005 + 0.001 * 0.02)


def test_every_job_pays_its_way_through_the_platform() -> None:
    parts = model().job("ocr")

    # three calls of 0.2 s at 0.25 GB, arm
    assert parts["glue functions"] == pytest.approx(3 * (0.2 * 0.25 * 0.00001 + 0.000001))
    assert parts["queues"] == pytest.approx(0.000006)
    assert parts["table"] == pytest.approx(6 * 0.000001 + 0.0000005)
    assert parts["logs"] == pytest.approx(2000 / 1e9)


def test_a_provider_s_job_is_billed_for_waiting() -> None:
    assert model().job("problem_generation")["reading"] == pytest.approx(
        20 * 0.5 * 0.00002 + 0.000001
    )


def test_a_film_pays_by_the_minute_by_the_page_and_by_the_transition() -> None:
    parts = model().job("homework_video_analysis", Film(minutes=2, pages=20))

    # 20 pages are 3 batches of 8: 16 + 2 * 2 transitions
    assert parts["state transitions"] == pytest.approx(20 * 0.00002)
    # probe and finish wait 0.5 s at 1 GB each; extract 12 + 0.5 s, merge 0.5 s, pages 10 + 1.5 s at
    # 2 GB each; requests: five functions, two further batches, the starter and the claim
    seconds = 2 * 0.5 * 1 + (12.5 + 0.5 + 11.5) * 2
    assert parts["reading"] == pytest.approx(seconds * 0.00002 + 9 * 0.000001)
    assert parts["files"] == pytest.approx(47 * 0.000005 + 72 * 0.000001 + 0.002 * 0.02)


def test_less_memory_than_a_core_s_makes_a_job_take_longer_and_more_does_not_shorten_it() -> None:
    assert Model.wall(1.0, CORE_MB // 2) == pytest.approx(2.0, rel=0.001)
    assert Model.wall(1.0, 2 * CORE_MB) == 1.0


def test_time_is_billed_by_the_started_millisecond() -> None:
    assert model().compute(0.0012, 1024) == pytest.approx(0.002 * 0.00002)
    assert model().compute(0.3, 1024) == pytest.approx(0.3 * 0.00002)


def test_a_month_costs_before_its_first_job() -> None:
    parts = model(
        polled_queues=2,
        alarm_metrics=10,
        composite_alarms=2,
        dashboards=1,
        secrets=2,
        metrics=100,
    ).month()

    assert parts == {
        # 730 h * 3600 s / 20 s = 131,400 waits a poll and month
        "polling of queues": pytest.approx(2 * 5 * 131_400 * 0.000001),
        "custom metrics": pytest.approx(100 * 0.3 * 0.1),
        "alarms": pytest.approx(1.0 + 1.0),
        "dashboard": 3.0,
        "secrets": 0.8,
        "container image": 0.2,
    }


def test_a_price_says_what_it_buys_where_and_since_when() -> None:
    prices = Prices.load()
    for name, said in prices.said.items():
        assert set(said) == {"usd", "per", "region", "date", "source"}, name
        assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", said["date"]), name
        assert prices[name] > 0
    assert set(USD) <= set(prices.usd)


def test_a_measurement_says_by_which_command_or_that_it_is_assumed() -> None:
    for name, table in load_measured().items():
        assert ("command" in table) != ("assumed" in table), name


def test_what_is_measured_is_a_job_type() -> None:
    measured = load_measured()
    known = set(measured["jobs"]) | set(measured["provider_jobs"])
    assert known - {"command", "assumed"} <= set(JobType)


def test_a_type_that_is_not_measured_is_named_and_not_guessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = load_measured()
    del measured["jobs"]["ocr"]
    monkeypatch.setattr("academy_worker.commands.cost.load_measured", lambda: measured)

    told = CliRunner().invoke(app, ["cost", "--mix", "ocr=1,embedding=1"])

    assert told.exit_code == 2
    assert "ocr: not measured" in " ".join(told.output.split())


def test_the_template_tells_what_a_month_bills_for() -> None:
    deployed = deployment(TEMPLATE)

    assert deployed.memory["ocr"] == 2048
    assert deployed.memory["admit"] == 256
    assert deployed.polled_queues >= 19
    assert deployed.composite_alarms == 2
    assert deployed.alarm_metrics >= 50
    assert deployed.dashboards == 1


def test_what_is_off_by_default_is_not_billed(tmp_path: Path) -> None:
    def alarm(condition: str) -> dict[str, Any]:
        return {"Type": "AWS::CloudWatch::Alarm", "Condition": condition, "Properties": {}}

    template = tmp_path / "template.yaml"
    resources = {"A": alarm("Monitored"), "B": alarm("MonitoredGpu")}
    template.write_text(
        json.dumps({"Resources": resources, "Globals": {"Function": {"MemorySize": 256}}})
    )

    assert deployment(template).alarm_metrics == 1


def test_shares_are_scaled_to_one_and_wrong_ones_are_refused() -> None:
    assert parse_mix("ocr=3, embedding=1") == {"ocr": 0.75, "embedding": 0.25}
    for wrong in ("ocr", "ocr=x", "magic=1", "ocr=0", "ocr=2,embedding=-1"):
        with pytest.raises(Exception, match="--mix"):
            parse_mix(wrong)


def test_the_command_adds_up() -> None:
    arguments = ["cost", "--jobs", "1000", "--mix", "ocr=1", "--json"]
    told = CliRunner().invoke(app, arguments)

    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout)
    job = sum(said["jobs"]["ocr"].values())
    assert said["month"] == {"ocr": pytest.approx(1000 * job)}
    assert math.isclose(said["total"], 1000 * job + sum(said["fixed"].values()))


def test_the_figures_in_the_documentation_are_those_of_the_command() -> None:
    page = (FOLDER.parents[2] / "docs" / "cost.md").read_text(encoding="utf-8")
    told = CliRunner().invoke(app, ["cost", "--json"])
    said = json.loads(told.stdout)
    for name, parts in said["jobs"].items():
        [shown] = re.findall(rf"^\| `{name}` \|.*\| ([\d.]+) \|$", page, re.MULTILINE)
        assert float(shown) == pytest.approx(1000 * sum(parts.values()), abs=0.0006), (
            f"docs/cost.md is out of date for {name}: run `make cost`"
        )
