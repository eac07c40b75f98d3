"""The whole system, up: engine, API stand-in and deployed stack, for a block or kept."""

import json
import os
import secrets
import shutil
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Self

from academy_worker.embedded import processes, samples
from academy_worker.embedded.deploy import Deployment, deploy
from academy_worker.embedded.engine import Engine, start_engine
from academy_worker.embedded.project import STATE, TEMPLATE
from academy_worker.embedded.stand_in import StandInProcess, start_stand_in

_DEADLY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class NotRunning(RuntimeError):
    """There is no kept system to talk to."""


@dataclass(frozen=True, slots=True)
class System:
    """A running system; `stop` ends both processes with all they started."""

    engine: Engine
    stand_in: StandInProcess
    deployment: Deployment

    def serve(self, path: Path) -> str:
        """Put a copy of a file where workers can fetch it; returns its URL."""
        name = f"{uuid.uuid4().hex[:8]}{path.suffix.lower()}"
        shutil.copyfile(path, self.stand_in.folder / name)
        return self.stand_in.file_url(name)

    def send(self, tier: str, *bodies: str) -> None:
        """Put messages on a tier's ingress queue, as the academy's API does; ten a call."""
        sqs, url = self.engine.client("sqs"), self.deployment.queue(tier)
        for start in range(0, len(bodies), 10):
            part = bodies[start : start + 10]
            entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(part)]
            sqs.send_message_batch(QueueUrl=url, Entries=entries)

    def stop(self) -> None:
        """End everything."""
        self.stand_in.stop()
        self.engine.stop()

    def save(self, path: Path = STATE) -> None:
        """Note where a kept system is to be found; readable by its owner only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = asdict(self) | {
            "born": [processes.birth(self.engine.pid), processes.birth(self.stand_in.pid)]
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(state, file, default=str)

    @classmethod
    def load(cls, path: Path = STATE) -> Self:
        """Find a kept system. Raises `NotRunning`."""
        try:
            state: dict[str, Any] = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            raise NotRunning("no system is up: run `make demo KEEP=1` first") from None
        for part in ("engine", "stand_in"):
            state[part]["folder"] = Path(state[part]["folder"])
        found = cls(
            Engine(**state["engine"]),
            StandInProcess(**state["stand_in"]),
            Deployment(**state["deployment"]),
        )
        born = [processes.birth(found.engine.pid), processes.birth(found.stand_in.pid)]
        if born != state["born"] or None in born:
            raise NotRunning("the kept system is gone: run `make demo KEEP=1` again")
        return found


def start_system(
    *,
    outlive: bool = False,
    parameters: dict[str, str] | None = None,
    template: Path = TEMPLATE,
) -> System:
    """Bring everything up; on any failure everything is ended again."""
    token = secrets.token_urlsafe(24)
    engine = start_engine(outlive=outlive)
    stand_in = None
    try:
        folder = _served_folder(engine)
        stand_in = start_stand_in(folder, token, outlive=outlive)
        deployment = deploy(engine, stand_in.url, token, template=template, parameters=parameters)
        return System(engine, stand_in, deployment)
    except BaseException:
        if stand_in is not None:
            stand_in.stop()
        engine.stop()
        raise


def _served_folder(engine: Engine) -> Path:
    """Make the folder the stand-in serves, with the templates of the sample sheets in it."""
    folder = engine.folder / "files"
    (folder / "meta").mkdir(parents=True)
    for count, path in samples.templates().items():
        shutil.copyfile(path, folder / "meta" / f"{count}.json")
    return folder


@contextmanager
def running_system(
    parameters: dict[str, str] | None = None, template: Path = TEMPLATE
) -> Iterator[System]:
    """A system for the length of a block, ended on every way out of it, signals included."""
    with signals_unwind():
        system = start_system(parameters=parameters, template=template)
        try:
            yield system
        finally:
            with signals_ignored():
                system.stop()


@contextmanager
def signals_unwind() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack as Ctrl-C does."""
    before = {number: signal.signal(number, _unwind) for number in _DEADLY}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def signals_ignored() -> Iterator[None]:
    """Do not be disturbed while tidying up; it takes seconds."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _DEADLY}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unwind(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
