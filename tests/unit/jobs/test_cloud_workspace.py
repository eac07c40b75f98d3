"""A job's workspace in production: whose job it is, and how long it may take."""

import pytest

from jobs.cloud_workspace import cloud_workspace
from jobs.contract.message import Tier
from jobs.row import JobRow, Status


@pytest.mark.parametrize("tier", Tier)
def test_the_tier_is_the_rows_and_the_time_that_of_the_deadline(tier):
    row = JobRow("j-1", Status.PROCESSING, tier, "ocr", 100.0, 400.0, "h", payload="{}")
    with cloud_workspace(row, 160.0, None, None, None, lambda: 110.0) as workspace:
        assert workspace.tier is tier
        assert workspace.remaining() == 50.0
