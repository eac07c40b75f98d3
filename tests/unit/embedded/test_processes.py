"""Children and grandchildren go away, however they were started and whatever they ignore."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from academy_worker.embedded import processes

PATIENCE = 10.0
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
ENV = {"PATH": os.environ["PATH"]}


def until(condition: object, otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            pytest.fail(otherwise)
        time.sleep(0.02)


def zombies(session: int) -> list[str]:
    told = subprocess.run(
        ["ps", "-o", "stat=", "--sid", str(session)], capture_output=True, text=True
    )
    return told.stdout.split()


def test_a_whole_family_ends_and_no_zombie_stays(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time; "
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)']); time.sleep(99)"
    )
    leader = processes.start([sys.executable, "-c", code], ENV, tmp_path / "log")
    until(lambda: len(processes.members(leader)) == 2, "the child did not start")

    processes.end_session(leader)

    assert zombies(leader) == []


def test_those_who_ignore_a_polite_request_are_killed(tmp_path: Path) -> None:
    code = STUBBORN + "print('ready', flush=True); time.sleep(99)"
    log = tmp_path / "log"
    leader = processes.start([sys.executable, "-c", code], ENV, log)
    until(lambda: "ready" in log.read_text(), "the child did not start")

    processes.end_session(leader, grace=0.2)

    assert processes.members(leader) == []


def test_ending_what_has_ended_is_harmless(tmp_path: Path) -> None:
    leader = processes.start([sys.executable, "-c", ""], ENV, tmp_path / "log")
    until(lambda: not processes.alive(leader), "the child did not end")

    processes.end_session(leader)
    processes.end_session(leader)

    assert processes.birth(leader) is None


def test_a_child_dies_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child_code = "import time; print('ready', flush=True); time.sleep(99)"
    code = (
        "import sys, time; from pathlib import Path; "
        "from academy_worker.embedded import processes; "
        f"pid = processes.start([sys.executable, '-c', {child_code!r}], {{}}, Path(sys.argv[1])); "
        "print(pid, flush=True); time.sleep(99)"
    )
    env = ENV | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(log)], env=env, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        until(lambda: "ready" in log.read_text(), "the child did not start")
        parent.send_signal(signal.SIGKILL)

    until(lambda: not processes.alive(child), "the child outlived its parent")


def test_birth_tells_processes_of_one_id_apart(tmp_path: Path) -> None:
    time.sleep(0.05)  # the kernel tells births to a hundredth of a second
    leader = processes.start(
        [sys.executable, "-c", "import time; time.sleep(99)"], ENV, tmp_path / "l"
    )

    mine, later = processes.birth(os.getpid()), processes.birth(leader)
    processes.end_session(leader)

    assert mine is not None
    assert mine == processes.birth(os.getpid())
    assert later not in (None, mine)
