"""What is read out of a log, and what is passed over."""

import json
import time

import pytest

from academy_worker.dashboard.log_lines import ENTRY_OVERHEAD, Invocation, read_log
from jobs.telemetry import CloudTelemetry, Metric
from tests.unit.dashboard.conftest import Emit

REPORT = (
    "REPORT RequestId: 1\tDuration: 1200.3 ms\tBilled Duration: 1201 ms\tMemory Size: 2048 MB\t"
    "Max Memory Used: 180 MB"
)


def wrapped(group: str, text: str) -> str:
    return json.dumps({"group": group, "at": 1, "message": text})


@pytest.mark.parametrize("metric", Metric)
def test_each_metric_comes_back_once_as_it_was_counted(
    metric: Metric, telemetry: CloudTelemetry, emitted: Emit
) -> None:
    before = time.time() - 0.001
    telemetry.count(metric, "lite", "ocr", 12.5, code="internal")

    [sample] = read_log(emitted()).samples
    assert (sample.name, sample.value) == (metric.value, 12.5)
    assert (sample.tier, sample.job_type) == ("lite", "ocr")
    assert sample.code == ("internal" if metric in (Metric.FAILED, Metric.RETRIED) else "")
    assert before - 0.001 <= sample.at <= time.time()


def test_bare_and_wrapped_lines_say_the_same(telemetry: CloudTelemetry, emitted: Emit) -> None:
    telemetry.count(Metric.DONE, "lite", "ocr")
    [line] = emitted()

    assert read_log([line]).samples == read_log([wrapped("/aws/lambda/s-ocr", line)]).samples


def test_a_time_before_the_line_is_passed_over(telemetry: CloudTelemetry, emitted: Emit) -> None:
    telemetry.count(Metric.DONE, "lite", "ocr")
    [line] = emitted()

    assert read_log([f"2026-11-23T17:00:00 {line}\n"]).samples == read_log([line]).samples


def test_one_entry_may_hold_several_lines(telemetry: CloudTelemetry, emitted: Emit) -> None:
    telemetry.count(Metric.ADMITTED, "lite", "ocr")
    telemetry.count(Metric.DONE, "lite", "ocr")

    log = read_log([wrapped("g", "\n".join(emitted()))])
    assert [sample.name for sample in log.samples] == ["Admitted", "Done"]


def test_calls_are_read_in_both_of_lambda_s_forms() -> None:
    metrics = {"billedDurationMs": 1201, "memorySizeMB": 2048}
    report = json.dumps({"type": "platform.report", "record": {"metrics": metrics}})

    log = read_log([wrapped("g", REPORT), wrapped("g", report)])
    assert log.invocations == (Invocation("g", 1.201, 2048),) * 2


def test_everything_else_is_passed_over_and_yet_billed() -> None:
    foreign = {
        "_aws": {
            "Timestamp": 1,
            "CloudWatchMetrics": [{"Namespace": "Other", "Metrics": [{"Name": "Done"}]}],
        },
        "Done": [1.0],
    }
    lines = ["START RequestId: 1", "{broken", "[1]", "", '{"level": "INFO"}', json.dumps(foreign)]

    log = read_log(lines)
    assert (log.samples, log.invocations) == ((), ())
    assert log.size == sum(len(line) + ENTRY_OVERHEAD for line in lines)


def test_a_queue_s_depth_is_no_log_entry() -> None:
    log = read_log(['{"queue": "work-dlq", "depth": 3}'])
    assert (log.depths, log.size) == ({"work-dlq": 3}, 0)
