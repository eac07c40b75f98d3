"""The jobs table: conditional writes that together end every job exactly once.

`attempt` is a fencing token: it grows with every claim, and whoever writes must still hold the
latest. A worker that sleeps past its lease and wakes up can no longer change anything.
"""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from faults import LeaseLost
from jobs import limits
from jobs.outcome import Done, Failed, Outcome
from jobs.row import JobRow, Notify, Status

OPEN_INDEX = "open"
"""Sparse index of jobs that have not ended or not been told: key `open_shard`, `check_at`."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The row was written now."""


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """A row of this id exists; `row` is as it stands."""

    row: JobRow


@dataclass(frozen=True, slots=True)
class Claimed:
    """The job is ours until `row.lease_until`; `row.attempt` is the token for later writes."""

    row: JobRow


@dataclass(frozen=True, slots=True)
class Refused:
    """The condition did not hold; `row` is as it stands, None where there is none."""

    row: JobRow | None


class JobStore:
    """The table, through conditional writes only.

    `table` is a boto3 DynamoDB Table; `clock` gives seconds since the epoch. A failing service
    raises botocore's `ClientError`, which is never mistaken for a refused condition.
    """

    def __init__(self, table: Any, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock

    def get(self, job_id: str) -> JobRow | None:
        """Read a row, strongly consistent; None where there is none."""
        found = self._table.get_item(Key={"job_id": job_id}, ConsistentRead=True).get("Item")
        return JobRow.from_item(found) if found else None

    def admit(self, row: JobRow) -> Admitted | AlreadyThere:
        """Write a new row if there is none of its id."""
        check_at = min(row.due_at, row.admitted_at + _resend_after(row))
        item = {
            name: _storable(getattr(row, name))
            for name in JobRow.__dataclass_fields__
            if getattr(row, name) not in (None, 0)
        }
        item |= {
            "open_shard": _shard(row.job_id),
            "check_at": _storable(check_at),
            "expires_at": _storable(int(row.due_at + limits.ROW_TTL)),
        }
        try:
            self._table.put_item(
                Item=item,
                ConditionExpression="attribute_not_exists(job_id)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            return AlreadyThere(JobRow.from_item(_old_item(error)))
        return Admitted()

    def claim(self, job_id: str, owner: str, lease: float) -> Claimed | Refused:
        """Take a waiting or abandoned job for `lease` seconds and raise its attempt."""
        now = self._clock()
        try:
            changed = self._table.update_item(
                Key={"job_id": job_id},
                UpdateExpression=(
                    "SET #status = :processing, lease_until = :until, lease_owner = :owner, "
                    "started_at = if_not_exists(started_at, :now) ADD attempt :one"
                ),
                ConditionExpression=(
                    "#status = :queued OR (#status = :processing AND lease_until < :now)"
                ),
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=_values(
                    processing=Status.PROCESSING,
                    queued=Status.QUEUED,
                    until=now + lease,
                    owner=owner,
                    now=now,
                    one=1,
                ),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            old = _old_item(error)
            return Refused(JobRow.from_item(old) if old else None)
        return Claimed(JobRow.from_item(changed["Attributes"]))

    def renew(self, job_id: str, attempt: int, lease: float) -> None:
        """Hold on for `lease` seconds from now. Raises `LeaseLost`."""
        self._as_holder(
            job_id, attempt, "SET lease_until = :until", _values(until=self._clock() + lease)
        )

    def release(self, job_id: str, attempt: int) -> None:
        """Give the job back to its queue. Raises `LeaseLost`."""
        self._as_holder(
            job_id,
            attempt,
            "SET #status = :queued REMOVE lease_until, lease_owner",
            _values(queued=Status.QUEUED),
        )

    def finish(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        """End the job with its outcome, to be told to the API. Raises `LeaseLost`."""
        ending = _ending(outcome, self._clock())
        self._as_holder(job_id, attempt, ending.expression, ending.values, ending.names)

    def exhaust(
        self, job_id: str, failure: Failed, *, generation: int | None = None, dead: str = ""
    ) -> JobRow | None:
        """End a job that nobody works on; `dead` names a lease owner known to be gone.

        Returns None where it was ended now, else the row that stood in the way: a terminal one,
        one with a live lease, or one of another `generation`. Raises `KeyError` for no row.
        """
        ending = _ending(failure, self._clock())
        idle = "#status = :queued OR (#status = :processing AND " + (
            "(lease_until < :now OR lease_owner = :dead))"
        )
        condition = f"({idle}) AND generation = :g" if generation else idle
        values = ending.values | _values(
            queued=Status.QUEUED,
            processing=Status.PROCESSING,
            now=self._clock(),
            dead=dead or "-",
        )
        values |= _values(g=generation) if generation else {}
        try:
            self._update(job_id, ending.expression, condition, values, ending.names)
        except ClientError as error:
            old = _old_item(error)
            if not old:
                raise KeyError(job_id) from None
            return JobRow.from_item(old)
        return None

    def mark_notified(self, job_id: str, generation: int, how: Notify) -> bool:
        """Record that the API has heard of this generation's end; False if it was already."""
        try:
            self._update(
                job_id,
                "SET notify = :how, notified_at = :now REMOVE open_shard, check_at",
                "notify = :pending AND generation = :g",
                _values(how=how, now=self._clock(), pending=Notify.PENDING, g=generation),
                names={},
            )
        except ClientError as error:
            _old_item(error)
            return False
        return True

    def tell_again(self, job_id: str) -> bool:
        """Have a told outcome told once more, as the same story; False if none was told.

        The stream sees the row wait to be told and forwards it, as when the job ended.
        """
        now = self._clock()
        try:
            self._update(
                job_id,
                "SET notify = :pending, open_shard = :shard, check_at = :check REMOVE notified_at",
                "notify = :sent OR notify = :rejected",
                _values(
                    pending=Notify.PENDING,
                    sent=Notify.SENT,
                    rejected=Notify.REJECTED,
                    shard=_shard(job_id),
                    check=now + limits.UNNOTIFIED_AFTER,
                ),
                names={},
            )
        except ClientError as error:
            _old_item(error)
            return False
        return True

    def redrive(self, job_id: str) -> JobRow | None:
        """Put a failed job back to its queue as a new generation; None if it is not failed."""
        now = self._clock()
        row = self.get(job_id)
        if row is None or row.status is not Status.FAILED:
            return None
        due_at = now + limits.DUE[row.tier]
        try:
            changed = self._update(
                job_id,
                "SET #status = :queued, generation = :next, due_at = :due, resent = :zero, "
                "open_shard = :shard, check_at = :check, admitted_at = :now, expires_at = :gone "
                "REMOVE error_code, error_message, notify, notified_at, finished_at, started_at",
                "#status = :failed AND generation = :g",
                _values(
                    queued=Status.QUEUED,
                    failed=Status.FAILED,
                    g=row.generation,
                    next=row.generation + 1,
                    due=due_at,
                    zero=0,
                    shard=_shard(job_id),
                    check=now + _resend_after(row),
                    now=now,
                    gone=int(due_at + limits.ROW_TTL),
                ),
            )
        except ClientError as error:
            _old_item(error)
            return None
        return JobRow.from_item(changed["Attributes"])

    def check_again(self, job_id: str, at: float, *, resent: bool = False) -> None:
        """Let the sweeper look at an open job at `at`; `resent` counts a message sent again."""
        try:
            self._update(
                job_id,
                "SET check_at = :at ADD resent :n",
                "attribute_exists(open_shard)",
                _values(at=at, n=int(resent)),
                names={},
            )
        except ClientError as error:
            _old_item(error)

    def to_check(self) -> Iterator[str]:
        """Ids of the open jobs whose time to be looked at has come."""
        for shard in range(limits.OPEN_SHARDS):
            found = self._table.query(
                IndexName=OPEN_INDEX,
                KeyConditionExpression="open_shard = :shard AND check_at <= :now",
                ExpressionAttributeValues=_values(shard=f"open#{shard}", now=self._clock()),
                Limit=limits.SWEEP_PAGE,
            )
            for item in found["Items"]:
                yield str(item["job_id"])

    def _as_holder(
        self,
        job_id: str,
        attempt: int,
        expression: str,
        values: dict[str, Any],
        names: dict[str, str] | None = None,
    ) -> None:
        try:
            self._update(
                job_id,
                expression,
                "#status = :processing AND attempt = :mine",
                values | _values(processing=Status.PROCESSING, mine=attempt),
                {"#status": "status"} | (names or {}),
            )
        except ClientError as error:
            _old_item(error)
            raise LeaseLost(job_id) from None

    def _update(
        self,
        job_id: str,
        expression: str,
        condition: str,
        values: dict[str, Any],
        names: dict[str, str] | None = None,
    ) -> Any:
        names = {"#status": "status"} if names is None else names
        return self._table.update_item(
            Key={"job_id": job_id},
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **({"ExpressionAttributeNames": names} if names else {}),
        )


@dataclass(frozen=True, slots=True)
class _Ending:
    expression: str
    values: dict[str, Any]
    names: dict[str, str]


def _ending(outcome: Outcome, now: float) -> _Ending:
    fields: dict[str, Any] = {"notify": Notify.PENDING, "finished_at": now}
    match outcome:
        case Done(result):
            fields |= {
                "status": Status.DONE,
                "result": result.inline,
                "result_ref": result.ref,
                "result_sha256": result.sha256,
                "result_bytes": result.size,
            }
        case Failed(code, message):
            fields |= {
                "status": Status.FAILED,
                "error_code": code.value,
                "error_message": message,
            }
    kept = {name: value for name, value in fields.items() if value is not None}
    return _Ending(
        expression=f"SET {', '.join(f'#{name} = :x_{name}' for name in kept)} "
        "REMOVE lease_until, lease_owner",
        values=_values(**{f"x_{name}": value for name, value in kept.items()}),
        names={f"#{name}": name for name in kept},
    )


def _old_item(error: ClientError) -> dict[str, Any]:
    """The row behind a refused condition, empty for none; any other error is raised on."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
    return _plain(error.response.get("Item") or {})


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    """Undo DynamoDB's typed values, which errors carry even through the resource interface."""
    from boto3.dynamodb.types import TypeDeserializer

    read = TypeDeserializer().deserialize
    return {name: read(v) if isinstance(v, dict) else v for name, v in item.items()}


def _values(**values: Any) -> dict[str, Any]:
    return {f":{name}": _storable(value) for name, value in values.items()}


def _storable(value: Any) -> Any:
    return Decimal(repr(round(value, 3))) if isinstance(value, float) else value


def _shard(job_id: str) -> str:
    return f"open#{zlib.crc32(job_id.encode()) % limits.OPEN_SHARDS}"


def _resend_after(row: JobRow) -> float:
    return limits.DUE[row.tier] * limits.RESEND_SHARE


def compact_json(value: object) -> str:
    """Serialise as compact JSON with readable Korean; the same value gives the same text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
