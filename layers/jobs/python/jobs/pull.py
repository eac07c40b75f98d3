"""Jobs fetched from the API's own list and put on the ingress queues, one at a time.

`GET …/job/next/` hands a job out and takes no acknowledgement, so whatever dies between the
answer and the queue leaves the job to the API: it must hand a job out again when no result has
come. Here that gap is one job wide and as short as can be: nothing is fetched before the queues
are known to be there, the next one is fetched after the last one is queued, and a job that no
queue takes is kept in `quarantine/`. One handed out twice is admitted once.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from faults import Code, Transient
from jobs import limits
from jobs.contract.message import Tier
from jobs.telemetry import Metric, Telemetry

_NAMES = (("job_id", "id"), ("job_type", "type"))
"""Names of a queued message, and what the API's list calls the same."""


class JobList(Protocol):
    """What is asked of `pull_api.JobList`."""

    def next(self) -> Mapping[str, Any] | None:
        """Fetch one job; None where there is none."""
        ...


class Ingress(Protocol):
    """The tiers' queues."""

    def check(self) -> None:
        """Raise where a queue cannot be found."""
        ...

    def put(self, tier: Tier, body: str) -> None:
        """Queue one message. Raises what the service raises."""
        ...


@dataclass(frozen=True, slots=True)
class Puller:
    """`tier` is for jobs that name none; `set_aside` keeps a body that no queue takes."""

    jobs: JobList
    ingress: Ingress
    set_aside: Callable[[str, str], str]
    tier: Tier
    telemetry: Telemetry
    sleep: Callable[[float], None]

    def pull(self, seconds_left: Callable[[], float]) -> int:
        """Queue jobs until none is left or time is; returns how many.

        Raises `WorkerError`s of the list, and `Transient(dependency_unavailable)` after a job
        had to be set aside.
        """
        self.ingress.check()
        queued = 0
        while queued < limits.PULL_JOBS and seconds_left() > limits.PULL_MARGIN:
            job = self.jobs.next()
            if job is None:
                break
            self._queue(*message(job, self.tier), seconds_left)
            queued += 1
        self.telemetry.line("pulled", jobs=queued)
        return queued

    def _queue(self, tier: Tier, body: str, seconds_left: Callable[[], float]) -> None:
        pause = limits.PULL_PAUSE
        while True:
            try:
                self.ingress.put(tier, body)
                return
            except Exception as error:
                self.telemetry.fault("not_queued", error, tier=tier)
            if seconds_left() < limits.PULL_MARGIN / 2 + pause:
                break
            self.sleep(pause)
            pause *= 2
        self.set_aside(body, "not_queued")
        self.telemetry.count(Metric.QUARANTINED, tier, "none")
        raise Transient(
            Code.DEPENDENCY_UNAVAILABLE, "an ingress queue takes no job; it lies in quarantine/"
        )


def message(job: Mapping[str, Any], tier: Tier) -> tuple[Tier, str]:
    """Turn a job of the list into (tier, body of the queue's message).

    An unknown tier stays in the body, so that admission refuses it and the API hears why.
    """
    body = dict(job)
    for name, called in _NAMES:
        if name not in body and called in body:
            body[name] = body.pop(called)
    named = body.get("tier")
    chosen = Tier(named) if named in list(Tier) else tier
    return chosen, json.dumps(body, ensure_ascii=False, separators=(",", ":"))
