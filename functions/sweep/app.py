"""Every five minutes: overdue, lost and untold jobs."""

from collections.abc import Mapping
from typing import Any

from jobs.wiring import sweeper, telemetry


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Look at what is open; returns how many jobs were looked at."""
    seen = sweeper().sweep(lambda: context.get_remaining_time_in_millis() / 1000)
    telemetry().line("swept", seen=seen)
    return {"seen": seen}
