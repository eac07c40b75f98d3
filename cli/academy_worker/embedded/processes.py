"""Child processes that are sure to go away: each in a session of its own, ended by its id."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

GRACE = 5.0
"""s a session gets to end on SIGTERM before it is killed."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def start(
    command: Sequence[str], env: Mapping[str, str], log: Path, *, outlive: bool = False
) -> subprocess.Popen[bytes]:
    """Start a command as the leader of a new session; its output goes to `log`.

    Unless it is to `outlive` this process, the kernel ends it when this process dies, however
    that happens.
    """
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - the command is ours
            list(command),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=None if outlive else _die_with_parent,
        )


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
            return


def members(leader: int) -> list[int]:
    """List the living processes of a session; zombies that wait for a parent don't count."""
    return [pid for pid in _all_pids() if _session(pid) == leader]


def alive(pid: int) -> bool:
    """Tell whether a session leader is still there."""
    return pid in members(pid)


def birth(pid: int) -> str | None:
    """Tell one process from a later one of the same id: its start time (proc(5), field 22)."""
    fields = _stat(pid)
    return None if fields is None else fields[19]


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _session(pid: int) -> int | None:
    """Read a process's session (proc(5), field 6); None for the dead."""
    fields = _stat(pid)
    return None if fields is None else int(fields[3])


def _stat(pid: int) -> list[str] | None:
    """Read /proc/PID/stat from field 3, the state, on; None for the dead and for zombies."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields


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
        _reap(leader)
        time.sleep(0.02)
    return True


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
