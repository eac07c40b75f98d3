"""Find jobs in the table by what became of them.

The table has no index by status or time: jobs are found by a scan, page by page, with the filter
at DynamoDB. A scan reads the whole table (0.5 read units per 4 kB), so a limit ends it early.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from academy_worker.operate.stack import Stack
from jobs.row import JobRow

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

SHOWN = (
    *("job_id", "status", "tier", "job_type", "attempt", "generation", "admitted_at"),
    *("started_at", "finished_at", "notify", "notified_at", "error_code", "error_message"),
)
"""Fields an operator sees; payloads and results hold students' work and are not among them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs; empty means any. `since` in epoch seconds, of admission."""

    status: str = ""
    code: str = ""
    job_type: str = ""
    tier: str = ""
    since: float = 0.0

    def condition(self) -> ConditionBase:
        """The filter for DynamoDB."""
        made: ConditionBase = Attr("admitted_at").gte(int(self.since))
        named = {
            "status": self.status,
            "error_code": self.code,
            "job_type": self.job_type,
            "tier": self.tier,
        }
        for name, value in named.items():
            if value:
                made &= Attr(name).eq(value)
        return made


def find_jobs(stack: Stack, wanted: Wanted, limit: int) -> Iterator[JobRow]:
    """Yield at most `limit` jobs, in no order."""
    table = stack.tables().Table(stack.table_name)
    fields = [*SHOWN, "due_at", "body_hash"]
    asked: dict[str, Any] = {
        "FilterExpression": wanted.condition(),
        "ProjectionExpression": ", ".join(f"#{name}" for name in fields),
        "ExpressionAttributeNames": {f"#{name}": name for name in fields},
    }
    found = 0
    while True:
        page = table.scan(**asked)
        for item in page["Items"]:
            if found >= limit:
                return
            found += 1
            yield JobRow.from_item(item)
        if "LastEvaluatedKey" not in page:
            return
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def facts(row: JobRow) -> dict[str, Any]:
    """What of a row may be shown; enums as text."""
    everything = asdict(row)
    return {
        name: str(value) if isinstance(value, str) else value
        for name in SHOWN
        if (value := everything[name]) is not None
    }


def seconds(text: str) -> float:
    """Seconds in a span like 90s, 15m, 2h or 3d. Raises `ValueError`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no span of time: write 90s, 15m, 2h or 3d")
    return float(match[1]) * _UNITS[match[2]]
