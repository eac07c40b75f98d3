"""moto for each module of the protocol suite."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from tests.protocol.harness.world import BUCKET


@pytest.fixture(autouse=True, scope="module")
def aws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        with mock_aws():
            boto3.client("s3", "us-east-1").create_bucket(Bucket=BUCKET)
            yield
