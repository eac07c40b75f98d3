"""What must come of each plan when the services behave."""

from typing import TYPE_CHECKING

from faults import Code
from jobs.row import JobRow, Status
from jobs.telemetry import Metric
from tests.protocol.harness.schedule import Behaviour, JobPlan, Kind

if TYPE_CHECKING:
    from tests.protocol.harness.world import World

ENDINGS: dict[Behaviour, Code | None] = {
    Behaviour.FINE: None,
    Behaviour.LARGE: None,
    Behaviour.PERMANENT: Code.IMAGE_UNREADABLE,
    Behaviour.TRANSIENT_TWICE: None,
    Behaviour.ALWAYS_TRANSIENT: Code.RETRIES_EXHAUSTED,
    Behaviour.POISON: Code.RETRIES_EXHAUSTED,
    Behaviour.STALLS: None,
    Behaviour.ZOMBIE: None,
    Behaviour.CRASHES_ONCE: None,
    Behaviour.PROVIDER_DOWN_1H: None,
    Behaviour.PROVIDER_DOWN_FOREVER: Code.DEPENDENCY_UNAVAILABLE,
}
"""The error code a job ends with, None for done."""

REFUSALS: dict[Kind, Code] = {
    Kind.UNKNOWN_TYPE: Code.UNKNOWN_JOB_TYPE,
    Kind.TIER_MISMATCH: Code.TIER_MISMATCH,
    Kind.BAD_PAYLOAD: Code.PAYLOAD_INVALID,
}


QUICK = frozenset(
    {
        Behaviour.FINE,
        Behaviour.LARGE,
        Behaviour.PERMANENT,
        Behaviour.TRANSIENT_TWICE,
        Behaviour.CRASHES_ONCE,
    }
)
"""Behaviours that end long before the sweeper would look; a rescue there means a lost message."""


def broken_expectations(world: "World") -> list[str]:
    """Differences between what had to come out and what did."""
    broken = [
        f"{row.job_id}: {world.plans[row.job_id].behaviour} ended {row.error_code or 'done'}"
        for row in world.table.rows()
        if not _as_foretold(row, world.plans[row.job_id])
    ]
    rescued = world.telemetry.counts.get(Metric.RESCUED, 0)
    quick = all(plan.behaviour in QUICK for plan in world.plans.values())
    return [*broken, *([f"{rescued} rescues with nothing wrong"] if rescued and quick else [])]


def _as_foretold(row: JobRow, plan: JobPlan) -> bool:
    if plan.kind is Kind.TIER_FORBIDDEN:
        return row.error_code in (Code.TIER_FORBIDDEN, Code.UNKNOWN_JOB_TYPE)
    code = REFUSALS.get(plan.kind) or ENDINGS[plan.behaviour]
    if code is None:
        return row.status is Status.DONE
    return row.error_code == code
