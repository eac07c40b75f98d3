"""The jobs table on moto, with the faults of a service and the stream of a table."""

import random
from collections.abc import Callable
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from jobs.row import JobRow
from tests.protocol.harness.schedule import Faults
from tests.protocol.harness.simulation import Crash, CrashPoints, Simulation

Image = dict[str, Any]


class SimTable:
    """Has the four calls the store uses; every write is told to `on_write(old, new)`.

    `refuse(call, request)` names the error a call is to fail with, None to let it through.
    """

    def __init__(
        self,
        table: Any,
        simulation: Simulation,
        faults: Faults,
        rng: random.Random,
        crash_points: CrashPoints,
    ) -> None:
        self._crash_points = crash_points
        self._table = table
        self._simulation = simulation
        self._faults = faults
        self._rng = rng
        self._images: dict[str, Image] = {}
        self.check_at: dict[str, float] = {}
        self.on_write: Callable[[Image | None, Image], None] = lambda old, new: None
        self.calm = False
        self.refuse: Callable[[str, Image], str | None] = lambda call, request: None

    def get_item(self, **request: Any) -> Any:
        self._seam("get_item", request)
        return self._table.get_item(**request)

    def query(self, **request: Any) -> Any:
        self._seam("query", request)
        return self._table.query(**request)

    def put_item(self, **request: Any) -> Any:
        self._seam("put_item", request)
        answer = self._table.put_item(**request)
        self._written(request["Item"])
        self._seam("put_item", request, after=True)
        return answer

    def update_item(self, **request: Any) -> Any:
        self._seam("update_item", request)
        answer = self._table.update_item(**request)
        self._written(answer["Attributes"])
        self._seam("update_item", request, after=True)
        return answer

    def row(self, job_id: str) -> JobRow | None:
        image = self._images.get(job_id)
        return JobRow.from_item(image) if image else None

    def rows(self) -> list[JobRow]:
        return [JobRow.from_item(image) for image in self._images.values()]

    def _written(self, item: Image) -> None:
        job_id = item["job_id"]
        old = self._images.get(job_id)
        self._images[job_id] = dict(item)
        if "check_at" in item:
            self.check_at[job_id] = float(item["check_at"])
        else:
            self.check_at.pop(job_id, None)
        self.on_write(old, item)

    def restore(self, item: Image) -> None:
        """Lay down a row as an earlier release left it; the stream does not speak of it."""
        self._table.put_item(Item=item, ConditionExpression="attribute_not_exists(job_id)")
        told, self.on_write = self.on_write, lambda old, new: None
        self._written(item)
        self.on_write = told

    def _seam(self, call: str, request: Image, *, after: bool = False) -> None:
        """A point where a process may die, wait, or be refused by the service."""
        self._crash_points.pass_by(call, after=after)
        code = None if after else self.refuse(call, request)
        if code is not None:
            raise ClientError({"Error": {"Code": code, "Message": "simulated"}}, call)
        if self.calm:
            return
        if self._rng.random() < self._faults.pause:
            self._simulation.pause(self._rng.choice([0.001, 0.1, 3.0, 20.0]))
        if self._rng.random() < self._faults.crash:
            raise Crash
        if not after and self._rng.random() < self._faults.throttle:
            code = self._rng.choice(
                ["ProvisionedThroughputExceededException", "InternalServerError"]
            )
            raise ClientError({"Error": {"Code": code, "Message": "simulated"}}, "UpdateItem")


def typed(image: Image) -> Image:
    """An item as a stream record carries it."""
    write = TypeSerializer().serialize
    return {name: write(value) for name, value in image.items()}
