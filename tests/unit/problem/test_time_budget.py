"""A provider that asks for patience is left to the queue, not waited for inside a call."""

from functools import partial

import boto3
import pytest
from moto import mock_aws

from analysis.problem.generator import generate
from faults import Unavailable
from functions.language_model import LanguageModelSettings, client
from tests.unit.problem.conftest import Provider


@pytest.mark.parametrize("status", [429, 500, 503])
def test_no_call_waits_out_a_retry_after(
    provider: Provider, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
    provider.script = [(status, {"Retry-After": "3"}, {"error": {"message": "later"}})]
    with mock_aws():
        made = boto3.client("secretsmanager").create_secret(Name="key", SecretString="test")
        settings = LanguageModelSettings(
            openai_secret_arn=made["ARN"], openai_base_url=provider.url
        )
        opened = client(settings, 30.0)
    with pytest.raises(Unavailable) as caught:
        generate(opened, "m", "2 + 3 = ?", partial(float, 30))
    assert caught.value.retry_after == 3.0
    assert len(provider.requests) == 1
