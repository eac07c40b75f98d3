"""Watch jobs on their way: the row in the table and what the API was told, as one picture."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from academy_worker.embedded.demo_jobs import DemoJob
from academy_worker.embedded.system import System
from jobs.row import JobRow, Notify, Status

POLL = 0.4
"""s between two looks."""

DRAIN = 5.0
"""s that queues may need to run empty after the last outcome."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one job; times in epoch seconds, `posts` as the API judged them."""

    job: DemoJob
    sent_at: float
    row: JobRow | None = None
    posts: tuple[Mapping[str, Any], ...] = ()
    quarantined: bool = False

    @property
    def state(self) -> str:
        """One of sent, queued, running, telling, done, failed, quarantined."""
        if self.quarantined:
            return "quarantined"
        if self.told is not None:
            return str(self.told["body"]["status"])
        if self.row is None:
            return "sent"
        names = {Status.QUEUED: "queued", Status.PROCESSING: "running"}
        return names.get(self.row.status, "telling")

    @property
    def told(self) -> Mapping[str, Any] | None:
        """The first post the API took."""
        return next((post for post in self.posts if post["status"] == 200), None)

    @property
    def result(self) -> Mapping[str, Any]:
        """The result as the API got it; empty if there is none."""
        return (self.told or {}).get("body", {}).get("result") or {}

    @property
    def error(self) -> tuple[str, str]:
        """The code and message the API got."""
        body = (self.told or {}).get("body", {})
        return body.get("error_code") or "", body.get("error") or ""

    @property
    def ended_at(self) -> float | None:
        """When the API heard of it; None while it has not."""
        return float(self.told["at"]) if self.told else None

    @property
    def settled(self) -> bool:
        """Whether the outcome is known."""
        return self.quarantined or self.told is not None

    def problems(self) -> list[str]:
        """Say in what the outcome differs from the one expected."""
        refused = [
            f"the API refused a post: {', '.join(post['problems'])}"
            for post in self.posts
            if post["status"] != 200
        ]
        if self.job.status is None:
            return refused + ([] if self.quarantined else ["it is not in quarantine"])
        if self.told is None:
            return [*refused, "the API was not told"]
        return refused + self._differences()

    def _differences(self) -> list[str]:
        body = (self.told or {})["body"]
        found = []
        if body["status"] != self.job.status:
            found.append(f"{body['status']} instead of {self.job.status}: {body['error']}")
        elif body.get("error_code") != self.job.code:
            found.append(f"code {body.get('error_code')} instead of {self.job.code}")
        elif self.job.check and (wrong := self.job.check(self.result)):
            found.append(wrong)
        outcomes = {(post["body"]["status"], post["body"].get("error")) for post in self.posts}
        if len(outcomes) > 1:
            found.append("the API was told different outcomes")
        return found


@dataclass(slots=True)
class Watch:
    """Sends jobs and follows them; `clock` epoch seconds."""

    system: System
    clock: Callable[[], float] = time.time
    _sent: dict[str, tuple[DemoJob, float]] = field(default_factory=dict)

    def send(self, jobs: Sequence[DemoJob]) -> None:
        """Put every job on its tier's queue."""
        bodies: dict[str, list[str]] = {}
        for number, job in enumerate(jobs, start=101):
            body = job.body(number, self.system.serve)
            bodies.setdefault(job.tier, []).extend([body] * job.copies)
        for job in jobs:
            self._sent[job.job_id] = (job, self.clock())
        for tier, messages in bodies.items():
            self.system.send(tier, *messages)

    def look(self) -> list[Seen]:
        """See how all jobs stand."""
        rows = self._rows()
        posts = self.system.stand_in.posts()
        quarantined = self._any_quarantined()
        return [
            Seen(
                job,
                sent_at,
                rows.get(job_id),
                tuple(post for post in posts if (post["body"] or {}).get("job_id") == job_id),
                quarantined and job.status is None,
            )
            for job_id, (job, sent_at) in self._sent.items()
        ]

    def follow(self, timeout: float, show: Callable[[list[Seen]], None]) -> list[Seen]:
        """Look until every outcome is known and the queues are empty, or time is up."""
        deadline = self.clock() + timeout
        while True:
            seen = self.look()
            show(seen)
            if all(one.settled for one in seen):
                self._drain(min(deadline, self.clock() + DRAIN))
                return self.look()
            if self.clock() > deadline:
                return seen
            time.sleep(POLL)

    def left_over(self) -> int:
        """Count the messages that wait in any queue of the stack, dead letters included.

        A message that is hidden is not counted: a repeat of a running job is put away until the
        job's lease has run out, and is dropped then.
        """
        sqs = self.system.engine.client("sqs")
        urls = sqs.list_queues(QueueNamePrefix=self.system.deployment.stack).get("QueueUrls", [])
        name = "ApproximateNumberOfMessages"
        return sum(
            int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])
            for url in urls
        )

    def _drain(self, deadline: float) -> None:
        while (self.left_over() or self._untold()) and self.clock() < deadline:
            time.sleep(POLL)

    def _untold(self) -> bool:
        """Whether the notifier has yet to record an answer the API gave."""
        return any(row.notify is Notify.PENDING for row in self._rows().values())

    def _rows(self) -> dict[str, JobRow]:
        return read_rows(self.system, list(self._sent))

    def _any_quarantined(self) -> bool:
        if all(job.status is not None for job, _ in self._sent.values()):
            return False
        found = self.system.engine.client("s3").list_objects_v2(
            Bucket=self.system.deployment.bucket, Prefix="quarantine/", MaxKeys=1
        )
        return bool(found.get("Contents"))


def read_row(system: System, job_id: str) -> JobRow | None:
    """Read a job's row with the engine's administrator."""
    return read_rows(system, [job_id]).get(job_id)


def read_rows(system: System, job_ids: Sequence[str]) -> dict[str, JobRow]:
    """Read the rows of at most 100 jobs at once; those without a row are left out."""
    from boto3.dynamodb.types import TypeDeserializer

    table, read = system.deployment.table, TypeDeserializer().deserialize
    keys = [{"job_id": {"S": job_id}} for job_id in job_ids]
    answer = system.engine.client("dynamodb").batch_get_item(
        RequestItems={table: {"Keys": keys, "ConsistentRead": True}}
    )
    items = [
        {name: read(value) for name, value in item.items()} for item in answer["Responses"][table]
    ]
    return {str(item["job_id"]): JobRow.from_item(item) for item in items}
