"""Give a failed job another life: the next generation, told to the API as a new story."""

from jobs.contract.message import JobType
from jobs.queues import Queues, pointer, work_queue
from jobs.row import JobRow
from jobs.store import JobStore


def redrive(store: JobStore, queues: Queues, job_id: str) -> JobRow | None:
    """Queue a failed job again; None if it has not failed or could never be read.

    A crash between the two writes leaves a queued row without a message, which the sweeper finds.
    """
    row = store.get(job_id)
    if row is None or row.job_type not in list(JobType) or not (row.payload or row.payload_ref):
        return None
    revived = store.redrive(job_id)
    if revived is not None:
        queues.send(work_queue(revived), pointer(revived))
    return revived
