"""A stack's log out of CloudWatch Logs and SQS, whole, and only that stack's."""

import time
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from academy_worker.dashboard.log_lines import read_log
from academy_worker.embedded.run_log import depths, entries, save_log
from academy_worker.main import app
from jobs.telemetry import CloudTelemetry, Metric
from tests.unit.dashboard.conftest import Emit

REGION = "ap-northeast-2"


def write(group: str, *messages: str) -> None:
    logs = boto3.client("logs", REGION)
    now = int(time.time() * 1000) - 1000
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    events = [{"timestamp": now, "message": message} for message in messages]
    logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=events)


@mock_aws
def test_every_page_of_every_function_s_group_is_read() -> None:
    ours = ["/aws/lambda/s-ocr", "/aws/lambda/s-admit"]
    for group in (*ours, "/aws/lambda/other-ocr", "/aws/vendedlogs/states/s"):
        write(group, *(f"{group} {n}" for n in range(250)))

    found = list(entries(boto3.client("logs", REGION), "s", page=100))

    assert {entry["group"] for entry in found} == set(ours)
    assert sorted(entry["message"] for entry in found) == sorted(
        f"{group} {n}" for group in ours for n in range(250)
    )


@mock_aws
def test_what_was_written_before_is_left_out() -> None:
    write("/aws/lambda/s-ocr", "old")
    logs = boto3.client("logs", REGION)

    assert len(list(entries(logs, "s", since=time.time() - 60))) == 1
    assert list(entries(logs, "s", since=time.time() + 60)) == []


@mock_aws
def test_each_queue_of_the_stack_tells_its_depth() -> None:
    sqs = boto3.client("sqs", REGION)
    for name in ("s-notify", "s-work-dlq", "other-notify"):
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=url.replace("other-notify", "s-work-dlq"), MessageBody="x")

    found = {entry["queue"]: entry["depth"] for entry in depths(sqs, "s")}
    assert found == {"notify": 0, "work-dlq": 1}


@mock_aws
def test_a_saved_log_reads_back(telemetry: CloudTelemetry, emitted: Emit, tmp_path: Path) -> None:
    telemetry.count(Metric.DONE, "lite", "ocr")
    write("/aws/lambda/s-ocr", *emitted())
    clients = (boto3.client("logs", REGION), boto3.client("sqs", REGION))

    save_log(*clients, "s", tmp_path / "log")

    with (tmp_path / "log").open(encoding="utf-8") as lines:
        assert [sample.name for sample in read_log(lines).samples] == ["Done"]


@mock_aws
def test_the_command_draws_a_stack_of_the_account(
    telemetry: CloudTelemetry, emitted: Emit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    telemetry.count(Metric.DONE, "premium", "embedding")
    write("/aws/lambda/mine-embedding", *emitted())

    page = tmp_path / "page.html"
    told = CliRunner().invoke(app, ["dashboard", "--stack", "mine", "--out", str(page)])

    assert told.exit_code == 0, told.output
    assert "embedding" in page.read_text(encoding="utf-8")


@mock_aws
def test_the_command_says_when_a_stack_wrote_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)

    told = CliRunner().invoke(
        app, ["dashboard", "--stack", "none", "--out", str(tmp_path / "page.html")]
    )
    assert told.exit_code == 2
    assert "no metric" in told.output
