"""The academy's API with its bad days; it remembers every outcome it accepted."""

import random
from collections.abc import Callable

from jobs.api import Answer, Verdict
from jobs.contract.message import ApiResult
from tests.protocol.harness.schedule import ApiTrouble, Faults, Outage
from tests.protocol.harness.simulation import Simulation

BUSY_RETRY_AFTER = 300.0
"""s a busy API asks for."""


class ApiStub:
    """`accepted` maps an idempotency key to the bodies accepted under it, in order.

    `rejects` tells the keys that are answered with 400; `posts` are the times of all posts.
    """

    def __init__(
        self,
        simulation: Simulation,
        outages: tuple[Outage, ...],
        faults: Faults,
        rng: random.Random,
    ) -> None:
        self._simulation = simulation
        self._start = simulation.now
        self._outages = outages
        self._rng = rng
        self.rejects: Callable[[str], bool] = lambda key: (
            random.Random(key).random() < faults.api_rejects
        )
        self.accepted: dict[str, list[ApiResult]] = {}
        self.rejected: set[str] = set()
        self.posts: list[float] = []

    def post(self, body: ApiResult) -> Answer:
        self._simulation.pause(0.05)
        self.posts.append(self._simulation.now)
        key = f"{body.job_id}:{body.generation}"
        match self._trouble():
            case ApiTrouble.ERROR_500:
                return Answer(Verdict.LATER, 500)
            case ApiTrouble.SLOW:
                self._simulation.pause(20.0)
                return Answer(Verdict.LATER)
            case ApiTrouble.WRONG_TOKEN:
                return Answer(Verdict.UNAUTHORIZED, 401)
            case ApiTrouble.BUSY:
                return Answer(Verdict.LATER, 429, BUSY_RETRY_AFTER)
            case ApiTrouble.SLUGGISH:
                self._simulation.pause(20.0)
            case ApiTrouble.LOSES_RESPONSE:
                self.accepted.setdefault(key, []).append(body)
                return Answer(Verdict.LATER)
        if self.rejects(key):
            self.rejected.add(key)
            return Answer(Verdict.REJECTED, 400)
        self.accepted.setdefault(key, []).append(body)
        return Answer(Verdict.SENT, 200)

    def _trouble(self) -> ApiTrouble | None:
        passed = self._simulation.now - self._start
        for outage in self._outages:
            if outage.start <= passed < outage.start + outage.length:
                return outage.trouble
        return None
