"""No test reaches a real account, and no test's output holds a secret."""

import os
from collections.abc import Generator

import pytest

from tests.attack.secret_scan import leaks

os.environ["AWS_DEFAULT_REGION"] = "ap-northeast-2"
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the image, and before numpy's import
os.environ.setdefault("OMP_THREAD_LIMIT", "1")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a passed test whose captured output, errors or log records leak."""
    report = yield
    if report.passed and (found := leaks(dict(report.sections))):
        report.outcome = "failed"
        report.longrepr = "a secret in the output: " + "; ".join(
            f"{leak.what} in {leak.where}" for leak in found
        )
    return report
