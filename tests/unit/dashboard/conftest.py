"""Lines as the functions write them: by the product's own telemetry."""

from collections.abc import Callable

import pytest

from jobs.telemetry import CloudTelemetry

Emit = Callable[[], list[str]]


@pytest.fixture
def telemetry() -> CloudTelemetry:
    return CloudTelemetry("stack")


@pytest.fixture
def emitted(capsys: pytest.CaptureFixture[str]) -> Emit:
    """The lines written since the last call."""
    return lambda: capsys.readouterr().out.splitlines()
