"""Child processes that are sure to go away: each in a session of its own, ended by its id."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

GRACE = 5.0
"""s a session gets to end on SIGTERM before it is killed."""

_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_started: dict[int, "subprocess.Popen[bytes]"] = {}


def start(
    command: Sequence[str], env: Mapping[str, str], log: Path, *, outlive: bool = False
) -> int:
    """Start a command as the leader of a new session; its output goes to `log`. Returns its id.

    Unless it is to `outlive` this process, the kernel ends it when this process dies, however
    that happens (`setpriv` of util-linux asks for that and becomes the command).
    """
    _adopt_orphans()
    tied = [] if outlive else ["setpriv", "--pdeathsig", "TERM", "--"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            [*tied, *command],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started[process.pid] = process
    return process.pid


def end_session(leader: int, grace: float = GRACE) -> None:
    """End every process of the session that `leader` leads, children of children included.

    The leader is asked first, so that it can end and collect its own children; what is left is
    asked and then killed.
    """
    if alive(leader):
        _signal(leader, signal.SIGTERM)
        _await(lambda: not alive(leader), leader, grace)
    for sent in (signal.SIGTERM, signal.SIGKILL):
        for pid in members(leader):
            _signal(pid, sent)
        if _await(lambda: not members(leader), leader, grace):
            break
    _collect(leader)
    if (process := _started.pop(leader, None)) is not None:
        process.wait(grace)


def members(leader: int) -> list[int]:
    """List the living processes of a session."""
    return [pid for pid, fields in _processes() if _living(fields) and _session(fields) == leader]


def alive(pid: int) -> bool:
    """Tell whether a process lives; a zombie doesn't."""
    fields = _stat(pid)
    return fields is not None and _living(fields)


def answers(url: str, pid: int, seconds: float) -> bool:
    """Wait until a process answers at its URL; False when it has died or `seconds` are over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - a loopback address of ours
                return True
        except OSError:
            if not alive(pid):
                break
            time.sleep(0.05)
    return False


def birth(pid: int) -> str | None:
    """Tell one process from a later one of the same id: its start time (proc(5), field 22)."""
    fields = _stat(pid)
    return fields[19] if fields is not None and _living(fields) else None


def _processes() -> list[tuple[int, list[str]]]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [(pid, fields) for pid in pids if (fields := _stat(pid)) is not None]


def _stat(pid: int) -> list[str] | None:
    """Read /proc/PID/stat from field 3, the state, on; None if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _living(fields: list[str]) -> bool:
    return fields[0] not in "ZX"


def _session(fields: list[str]) -> int:
    return int(fields[3])


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _await(done: Callable[[], bool], leader: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        _collect(leader)
        time.sleep(0.02)
    return True


def _collect(leader: int) -> None:
    """Take in the dead of a session, adopted orphans included, so that no zombie stays."""
    for pid, fields in _processes():
        if not _living(fields) and _session(fields) == leader:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue


def _adopt_orphans() -> None:
    """Become the parent of handlers whose engine has died (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
