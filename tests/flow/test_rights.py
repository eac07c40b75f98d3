"""Every step of the flow works with its role's rights, and misses each that is taken away."""

import threading
import time
from functools import partial
from typing import Any

import pytest

from jobs import limits, wiring
from jobs.job_files import JobFiles
from jobs.row import JobRow, Status
from tests.flow import conftest as flow
from tests.flow.conftest import World
from tests.rights.guard import Guard, Use, install
from tests.rights.roles import Right, arns, rights_of

STEPS = tuple(flow.HANDLERS)
RIGHTS = {step: rights_of(f"Video{step.title()}FunctionRole", arns()) for step in STEPS}


class Watched:
    """Puts each step under its own role as it begins; `used` and `refused` by step."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.used: dict[str, set[Use]] = {step: set() for step in STEPS}
        self.refused: dict[str, set[Use]] = {step: set() for step in STEPS}

    def begin(self, step: str, call: int, event: dict[str, Any]) -> None:
        self._guard.rights = RIGHTS[step]
        self._guard.used, self._guard.refused = self.used[step], self.refused[step]
        self._guard.on = True


def play(world: World, job_id: str, film: str) -> str | None:
    """Play a flow whose payload lies in the bucket; returns the job's error code."""
    payload = {"download_url": f"{world.films}/{film}"}
    inline, ref = JobFiles(world.s3, flow.BUCKET).keep_payload(job_id, payload)
    now = time.time()
    world.store.admit(
        JobRow(
            job_id=job_id,
            status=Status.QUEUED,
            tier=wiring.Tier.PREMIUM,
            job_type="homework_video_analysis",
            admitted_at=now,
            due_at=now + 3600,
            body_hash="x",
            payload=inline,
            payload_ref=ref,
        )
    )
    world.wait(world.start(job_id))
    return world.row(job_id).error_code


def covered(use: Use, rights: list[Right]) -> bool:
    return any(use.covered_by(right) for right in rights)


def test_each_step_is_allowed_what_it_does_and_needs_each_of_its_rights(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = Guard(exempt=threading.current_thread())
    install(guard, monkeypatch)
    watched = Watched(guard)
    world.lambdas.before = {step: partial(watched.begin, step) for step in STEPS}
    monkeypatch.setattr(limits, "INLINE_BYTES", 5)  # payloads and results go to the bucket

    assert play(world, "film", "two.mp4") is None
    assert play(world, "none", "notes.mp4") == "video_unreadable"

    assert watched.refused == {step: set() for step in STEPS}
    missed = {
        (step, right.sid, right.action): [
            use
            for use in watched.used[step]
            if not covered(use, [one for one in rights if _name(one) != _name(right)])
        ]
        for step, rights in RIGHTS.items()
        for right in rights
    }
    assert [name for name, uses in missed.items() if not uses] == []


def _name(right: Right) -> tuple[str, str]:
    return right.sid, right.action
