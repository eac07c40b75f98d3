"""First state of the flow: take the job for as long as the flow may run."""

import time
from collections.abc import Mapping
from typing import Any

from jobs.store import Claimed, Refused
from jobs.telemetry import Metric
from jobs.wiring import store, telemetry

LEASE = 5700.0
"""s; the flow's own time-out of 5,400 s and five minutes: a lease that has run out proves the flow
dead."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Claim for the execution `owner`; `claimed` is false where the job is somebody else's.

    A claim repeated by the same execution, its answer having been lost, is granted again.
    """
    job_id, generation, owner = str(event["job_id"]), int(event["generation"]), str(event["owner"])
    match store().claim(job_id, owner, LEASE):
        case Claimed(row):
            if row.generation != generation:
                store().release(job_id, row.attempt)
                return {"claimed": False}
            waited = 1000 * max(0.0, time.time() - row.admitted_at)
            telemetry().count(Metric.QUEUE_WAIT, row.tier, row.job_type, waited)
        case Refused(row):
            ours = row is not None and row.leased(0.0) and row.lease_owner == owner
            if row is None or not ours or row.generation != generation:
                return {"claimed": False}
    return {
        "claimed": True,
        "job_id": job_id,
        "generation": generation,
        "attempt": row.attempt,
    }
