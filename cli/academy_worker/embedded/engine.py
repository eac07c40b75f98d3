"""The embedded AWS engine (ministack): started on loopback with IAM enforced, ended by id."""

import os
import random
import shutil
import socket
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from academy_worker.embedded import processes
from academy_worker.embedded.project import ENGINE_PYTHON

HOST = "127.0.0.1"
REGION = "ap-northeast-2"
ACCOUNT = "000000000000"
ROOT_KEY = "test"
"""The engine's fixed administrator; handlers get a session of their own role instead."""

START_TIMEOUT = 60.0
PORTS = (15_000, 32_000)
HANDLER_LOGS = "HANDLER_LOGS"
"""Variable that names the folder the bootstraps write their handlers' output to."""

PREFIX = "academy-engine-"
OWNER = "owner"
"""Names an engine's folder and the file in it that tells whose it is."""

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TESSDATA_PREFIX", "LD_LIBRARY_PATH")


class EngineError(RuntimeError):
    """The engine cannot be started; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine: `pid` leads a session that holds every handler process too."""

    port: int
    pid: int
    folder: Path

    @property
    def url(self) -> str:
        """Where all services answer."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """What the engine said."""
        return self.folder / "engine.log"

    @property
    def handler_logs(self) -> Path:
        """Where each function has a file with what its handlers wrote.

        The engine's own log of a call may lack its last lines.
        """
        return self.folder / "handlers"

    def client(self, service: str) -> Any:
        """A boto3 client of the engine's administrator."""
        return client(self.url, service)

    def stop(self) -> None:
        """End the engine and every handler it started, and remove its folder."""
        processes.end_session(self.pid)
        shutil.rmtree(self.folder, ignore_errors=True)


@lru_cache
def client(url: str, service: str) -> Any:
    """A boto3 client of the engine's administrator; making one takes long, so one is kept."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ROOT_KEY,
        aws_secret_access_key=ROOT_KEY,
        config=Config(retries={"max_attempts": 3, "mode": "standard"}, read_timeout=120),
    )


def start_engine(*, outlive: bool = False) -> Engine:
    """Start an engine and wait until it answers. Raises `EngineError`."""
    if not ENGINE_PYTHON.exists():
        raise EngineError("the engine is not installed: run `make env`")
    remove_stale(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / "handlers").mkdir()
    port = free_port()
    pid = processes.start(
        [str(ENGINE_PYTHON), "-m", "ministack"],
        environment(port, folder),
        folder / "engine.log",
        outlive=outlive,
    )
    (folder / OWNER).write_text(f"{pid} {processes.birth(pid)}")
    engine = Engine(port, pid, folder)
    try:
        _await_health(engine)
    except BaseException:
        engine.stop()
        raise
    return engine


def remove_stale(parent: Path) -> None:
    """Remove the folders of engines that were killed and could not do it themselves."""
    for owner in parent.glob(f"{PREFIX}*/{OWNER}"):
        pid, _, birth = owner.read_text().partition(" ")
        if processes.birth(int(pid)) != birth:
            shutil.rmtree(owner.parent, ignore_errors=True)


def environment(port: int, folder: Path) -> dict[str, str]:
    """Build the engine's environment, which its handlers inherit.

    Nothing of the user's own AWS configuration or proxies gets in, and everything that is
    written to a temporary place lies under `folder`.
    """
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {
        "TMPDIR": str(folder),
        HANDLER_LOGS: str(folder / "handlers"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AUTH": "true",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": f"{HOST},localhost",
    }


def free_port() -> int:
    """Find a port of loopback that is free now.

    Drawn below the range systems take outgoing connections from (32,768 on Linux), so that none
    of these takes it before the one who asked.
    """
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port


def log_tail(log: Path, lines: int = 15) -> str:
    """Read the end of a log."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


def _await_health(engine: Engine) -> None:
    if not processes.answers(f"{engine.url}/_ministack/health", engine.pid, START_TIMEOUT):
        raise EngineError(f"the embedded engine did not start:\n{log_tail(engine.log)}")
