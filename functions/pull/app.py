"""Every minute: jobs of the API's list to the ingress queues."""

from collections.abc import Mapping
from typing import Any

from jobs.wiring import puller


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Fetch what there is; returns how many jobs were queued."""
    return {"jobs": puller().pull(lambda: context.get_remaining_time_in_millis() / 1000)}
