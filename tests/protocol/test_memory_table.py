"""The fast table answers as moto does, call by call."""

from typing import Any

import hypothesis.strategies as st
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings

from faults import Code
from jobs.contract.message import Tier
from jobs.outcome import Done, Failed, StoredResult
from jobs.row import JobRow, Notify, Status
from jobs.store import JobStore
from tests.protocol.harness.memory_table import MemoryTable
from tests.protocol.harness.world import moto_table

NAMES = (
    *("admit", "claim", "renew", "release", "done", "failed", "exhaust", "notified"),
    *("redrive", "again", "to_check", "get"),
)
CALLS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["a", "b"]),
        st.integers(1, 3),
        st.sampled_from([0.0, 1.0, 100.0, 5000.0]),
    ),
    max_size=25,
)


def _call(store: JobStore, name: str, job_id: str, attempt: int, now: float) -> Any:
    match name:
        case "admit":
            return store.admit(
                JobRow(job_id, Status.QUEUED, Tier.LITE, "ocr", now, now + 9, "h", payload="{}")
            )
        case "claim":
            return store.claim(job_id, "me", 70.0)
        case "renew":
            return store.renew(job_id, attempt, 70.0)
        case "release":
            return store.release(job_id, attempt)
        case "done":
            return store.finish(job_id, attempt, Done(StoredResult(inline='{"text":"가"}')))
        case "failed":
            return store.finish(job_id, attempt, Failed(Code.OCR_FAILED, "no"))
        case "exhaust":
            return store.exhaust(
                job_id, Failed(Code.DEADLINE, "late"), generation=attempt, dead="me"
            )
        case "notified":
            return store.mark_notified(job_id, attempt, Notify.SENT)
        case "redrive":
            return store.redrive(job_id)
        case "again":
            return store.check_again(job_id, now, resent=True)
        case "to_check":
            return sorted(store.to_check())
    return store.get(job_id)


def _answer(store: JobStore, *call: Any) -> Any:
    try:
        return _call(store, *call)
    except ClientError:
        raise
    except Exception as error:
        return (type(error).__name__, str(error))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(calls=CALLS)
def test_both_tables_give_the_same_answers(calls: list[tuple[str, str, int, float]]) -> None:
    now = [1_800_000_000.0]
    stores = [JobStore(table, lambda: now[0]) for table in (MemoryTable(), moto_table())]
    for name, job_id, attempt, passed in calls:
        now[0] += passed
        ours, theirs = (_answer(store, name, job_id, attempt, now[0]) for store in stores)
        assert ours == theirs, name
