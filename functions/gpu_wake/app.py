"""Every minute: drain tasks for waiting GPU jobs, or the CPU where no GPU comes."""

from collections.abc import Mapping
from typing import Any

from jobs.wiring import gpu_wake


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Look once; returns the tasks asked for and the jobs moved to the CPU."""
    woken = gpu_wake().look()
    return {"started": woken.started, "moved": woken.moved}
