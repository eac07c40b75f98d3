"""The table's stream -> notify queue."""

from collections.abc import Mapping
from typing import Any

from jobs.outbox import forward_ended
from jobs.wiring import queues


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Forward every job that has ended."""
    return forward_ended(event, queues())
