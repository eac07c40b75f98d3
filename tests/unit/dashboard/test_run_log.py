"""A run's log out of CloudWatch Logs, whole."""

import time

import boto3
from moto import mock_aws

from academy_worker.embedded.run_log import entries


@mock_aws
def test_every_page_of_every_function_s_group_is_read() -> None:
    logs = boto3.client("logs", "ap-northeast-2")
    now = int(time.time() * 1000) - 1000
    for group in ("/aws/lambda/s-ocr", "/aws/lambda/s-admit", "/aws/vendedlogs/states/s"):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="one")
        events = [{"timestamp": now + n, "message": f"{group} {n}"} for n in range(250)]
        logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=events)

    found = list(entries(logs, page=100))

    assert len(found) == 500
    assert {entry["group"] for entry in found} == {"/aws/lambda/s-ocr", "/aws/lambda/s-admit"}
    assert {entry["message"] for entry in found} == {
        f"{group} {n}" for group in ("/aws/lambda/s-ocr", "/aws/lambda/s-admit") for n in range(250)
    }
