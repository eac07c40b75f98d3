"""moto for each module of the protocol suite: for the worlds that play on its table."""

from collections.abc import Iterator

import pytest
from moto import mock_aws


@pytest.fixture(autouse=True, scope="module")
def aws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        with mock_aws():
            yield
