"""Figures against sums done by hand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy_worker.cost.model import VIDEO, Prices
from academy_worker.dashboard.figures import PLATFORM, Row, Spread, figures, owner, spread
from academy_worker.dashboard.log_lines import read_log
from academy_worker.embedded.cfn_yaml import load_template
from academy_worker.embedded.project import TEMPLATE
from jobs.contract.message import JobType
from jobs.telemetry import CloudTelemetry, Metric
from tests.unit.dashboard.conftest import Emit

PRICES = Prices({"lambda_x86": 0.00002, "lambda_arm": 0.00001, "lambda_request": 0.000001}, {})


def report(function: str, milliseconds: int, memory: int) -> str:
    text = f"REPORT RequestId: 1 Billed Duration: {milliseconds} ms Memory Size: {memory} MB"
    return json.dumps({"group": f"/aws/lambda/stack-{function}", "message": text})


def test_a_row_holds_one_tier_and_type(telemetry: CloudTelemetry, emitted: Emit) -> None:
    for wait in (1000.0, 3000.0):
        telemetry.count(Metric.ADMITTED, "basic", "ocr")
        telemetry.count(Metric.QUEUE_WAIT, "basic", "ocr", wait)
    telemetry.count(Metric.RETRIED, "basic", "ocr", code="download_timeout")
    telemetry.count(Metric.RUN_TIME, "basic", "ocr", 500.0)
    telemetry.count(Metric.DONE, "basic", "ocr")
    telemetry.count(Metric.FAILED, "basic", "ocr", code="image_unreadable")
    telemetry.count(Metric.DUPLICATE, "basic", "ocr")
    telemetry.count(Metric.NOTIFY_LAG, "basic", "ocr", 250.0)
    telemetry.count(Metric.DONE, "lite", "ocr")
    telemetry.count(Metric.QUARANTINED, "lite", "none")

    found = figures(read_log(emitted()), PRICES)

    assert [(row.tier, row.job_type) for row in found.rows] == [("lite", "ocr"), ("basic", "ocr")]
    assert found.rows[1] == Row(
        tier="basic",
        job_type="ocr",
        admitted=2,
        done=1,
        failed={"image_unreadable": 1},
        retried={"download_timeout": 1},
        others={"Duplicate": 1},
        wait=Spread(1.0, 3.0, 2),
        run=Spread(0.5, 0.5, 1),
        lag=Spread(0.25, 0.25, 1),
    )
    assert found.totals["Quarantined"] == 1


def test_compute_is_shared_out_over_the_jobs_that_were_done(
    telemetry: CloudTelemetry, emitted: Emit
) -> None:
    for job_type in ("ocr", "ocr", VIDEO):
        telemetry.count(Metric.DONE, "basic", job_type)
    lines = [
        *emitted(),
        report("ocr", 1000, 2048),
        report("ocr", 3000, 2048),
        report("video-extract", 2000, 1024),
        report("video-start", 1000, 256),
        report("admit", 1000, 256),
    ]

    cost = figures(read_log(lines), PRICES).cost

    # (1 + 3) s * 2 GB * 0.00002 and two requests over two jobs; the film's own steps over one film;
    # two glue calls of 0.25 GB-s on arm over three jobs
    assert cost == {
        "ocr": pytest.approx(1000 * (8 * 0.00002 + 2 * 0.000001) / 2),
        VIDEO: pytest.approx(1000 * (2 * 0.00002 + 0.000001)),
        PLATFORM: pytest.approx(1000 * 2 * (0.25 * 0.00001 + 0.000001) / 3),
    }


def test_log_bytes_are_shared_out_over_the_jobs_that_ended(
    telemetry: CloudTelemetry, emitted: Emit
) -> None:
    telemetry.count(Metric.DONE, "basic", "ocr")
    telemetry.count(Metric.FAILED, "basic", "ocr", code="internal")
    log = read_log(emitted())

    assert figures(log, PRICES).log_bytes_per_job == log.size / 2


def test_a_log_without_metrics_is_said_to_be_one() -> None:
    with pytest.raises(ValueError, match="no metric"):
        figures(read_log(["START"]), PRICES)


def test_every_function_of_the_template_has_its_owner_and_its_price() -> None:
    for name, item in load_template(TEMPLATE)["Resources"].items():
        if item["Type"] != "AWS::Serverless::Function" or "Condition" in item:
            continue
        properties = item["Properties"]
        group = f"/aws/lambda/{properties['FunctionName']['Fn::Sub']}".replace("$", "")
        arm = properties["Architectures"] == ["arm64"]
        assert (owner(group) == PLATFORM) == arm, name
        assert owner(group) in {PLATFORM, *JobType}


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_a_spread_is_made_of_values_that_were_seen(values: list[float]) -> None:
    found = spread(values)
    assert found is not None
    assert {found.p50, found.p99} <= set(values)
    assert sum(value <= found.p50 for value in values) >= len(values) / 2
    assert sum(value <= found.p99 for value in values) >= 0.99 * len(values)
    assert min(values) <= found.p50 <= found.p99 <= max(values)


def test_the_nearest_rank_of_a_hundred_values() -> None:
    assert spread(range(1, 101)) == Spread(50, 99, 100)
    assert spread([]) is None
