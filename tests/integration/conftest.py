"""The embedded engine with the project's template deployed, as `make demo` has it."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from academy_worker.embedded.localise import bootstrap_zip
from academy_worker.embedded.project import INTERPRETER, ROOT
from academy_worker.embedded.system import System, running_system
from academy_worker.embedded.watch import read_row
from jobs.row import JobRow

HANDLERS = Path(__file__).parent / "handlers"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.integration)


class Bench:
    """A running system and the few things tests do to it."""

    def __init__(self, system: System) -> None:
        self.system = system

    def submit(self, tier: str, job_type: str, payload: dict[str, Any], **fields: Any) -> str:
        """Send one job; returns its id."""
        job_id = fields.pop("job_id", None) or f"it-{uuid.uuid4().hex[:12]}"
        body = {"job_id": job_id, "job_type": job_type, "tier": tier, "payload": payload} | fields
        self.system.send(tier, json.dumps(body))
        return job_id

    def outcome(self, job_id: str, timeout: float) -> dict[str, Any]:
        """Wait for the body of the first post the API took for a job."""
        self.until(lambda: bool(self.taken(job_id)), timeout, f"the API heard nothing of {job_id}")
        return self.taken(job_id)[0]

    def taken(self, job_id: str) -> list[dict[str, Any]]:
        """The bodies of all posts the API took for a job."""
        return [
            post["body"]
            for post in self.system.stand_in.posts()
            if post["status"] == 200 and post["body"]["job_id"] == job_id
        ]

    def row(self, job_id: str) -> JobRow:
        """A job's row, which must be there."""
        row = read_row(self.system, job_id)
        assert row is not None, f"{job_id} has no row"
        return row

    def client(self, service: str) -> Any:
        """The administrator's client."""
        return self.system.engine.client(service)

    def queue_url(self, name: str) -> str:
        """The URL of one of the stack's queues."""
        return str(
            self.client("sqs").get_queue_url(QueueName=f"{self.system.deployment.stack}-{name}")[
                "QueueUrl"
            ]
        )

    def messages(self, name: str) -> int:
        """How many messages a queue holds, hidden ones included."""
        attributes = self.client("sqs").get_queue_attributes(
            QueueUrl=self.queue_url(name),
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return sum(map(int, attributes.values()))

    def replace_code(self, function: str, module: str, *, timeout: int | None = None) -> str:
        """Let a function of the stack, role and all, run one of this folder's handlers."""
        name = f"{self.system.deployment.stack}-{function}"
        functions = self.client("lambda")
        functions.update_function_code(
            FunctionName=name, ZipFile=bootstrap_zip(INTERPRETER, ROOT, [HANDLERS])
        )
        changes = {"Handler": f"{module}.handler"} | ({"Timeout": timeout} if timeout else {})
        functions.update_function_configuration(FunctionName=name, **changes)
        return name

    def until(self, condition: Callable[[], bool], timeout: float, otherwise: str) -> None:
        """Wait for something to become true, or fail."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"{otherwise} within {timeout} s")
            time.sleep(0.2)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A system of the module's own: what one module breaks, no other sees."""
    with running_system() as system:
        yield Bench(system)
