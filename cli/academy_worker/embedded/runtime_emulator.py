"""One function under the Lambda runtime emulator that ships inside the aws-sam-cli wheel.

The emulator starts the function's process, enforces its timeout and speaks the real runtime API
to `awslambdaric`, as Lambda does; no container is needed. It serves one invocation at a time and
answers 200 even where the handler failed, so its answer must be read.
"""

import json
import os
import platform
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy_worker.embedded import processes
from academy_worker.embedded.engine import HOST, EngineError, free_port, log_tail
from academy_worker.embedded.project import INTERPRETER, TOOLS

_BINARIES = {"x86_64": "aws-lambda-rie-x86_64", "aarch64": "aws-lambda-rie-arm64"}
_INVOKE = "/2015-03-31/functions/function/invocations"
START_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a handler answered, and what it and the emulator printed."""

    answer: Any
    output: str

    @property
    def spoken(self) -> str:
        """The output without the emulator's own account of what it does."""
        return "\n".join(line for line in self.output.splitlines() if " (rapid) " not in line)

    @property
    def failed(self) -> bool:
        """Whether the handler raised, timed out, or kept a message of its batch."""
        if not isinstance(self.answer, dict):
            return isinstance(self.answer, str) and "timed out" in self.answer
        return "errorType" in self.answer or bool(self.answer.get("batchItemFailures"))


@dataclass(frozen=True, slots=True)
class Process:
    """How a function is started: in `folder`, with `env`, to run `handler`; timeout in s."""

    handler: str
    folder: Path
    imports: tuple[Path, ...]
    env: Mapping[str, str]
    timeout: int
    memory: int
    name: str


def invoke(process: Process, event: Any, log: Path) -> Invocation:
    """Run one invocation. Raises `EngineError` if the emulator is missing or does not start."""
    with emulator(process, log) as url:
        answer = ask(url, event, process.timeout)
    return Invocation(answer, log.read_text(errors="replace"))


def ask(url: str, event: Any, timeout: int) -> Any:
    """Invoke the function behind an emulator's URL once; its answer, or its bare text."""
    request = urllib.request.Request(url, data=json.dumps(event).encode())  # noqa: S310
    with urllib.request.urlopen(request, timeout=timeout + 30) as response:  # noqa: S310
        raw = response.read().decode()
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def binary() -> Path:
    """Find the emulator. Raises `EngineError`."""
    name = _BINARIES.get(platform.machine(), "")
    found = next(iter(TOOLS.glob(f"lib/python3.*/site-packages/samcli/local/rapid/{name}")), None)
    if not name or found is None:
        raise EngineError("the Lambda runtime emulator is not installed: run `make env`")
    if not os.access(found, os.X_OK):
        found.chmod(0o755)
    return found


@contextmanager
def emulator(process: Process, log: Path) -> Iterator[str]:
    """The URL to invoke a function at; its process starts with the first invocation.

    Raises `EngineError` if the emulator is missing or does not start.
    """
    port = free_port()
    command = [
        str(binary()),
        "--runtime-interface-emulator-address",
        f"{HOST}:{port}",
        "--runtime-api-address",
        f"{HOST}:{free_port()}",
        "/bin/sh",
        "-c",
        'cd "$0" && exec "$@"',
        str(process.folder),
        str(INTERPRETER),
        "-m",
        "awslambdaric",
        process.handler,
    ]
    leader = processes.start(command, _environment(process), log)
    try:
        _await(port, leader, log)
        yield f"http://{HOST}:{port}{_INVOKE}"
    finally:
        processes.end_session(leader)


def _environment(process: Process) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "AWS_LAMBDA_FUNCTION_NAME": process.name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(process.timeout),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(process.memory),
        "PYTHONPATH": ":".join(map(str, process.imports)),
        **process.env,
    }


def _await(port: int, leader: int, log: Path) -> None:
    """Wait until the emulator listens; it has no health page, and any GET is a 404."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and processes.alive(leader):
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=2):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.02)
    raise EngineError(f"the runtime emulator did not start:\n{log_tail(log)}")
