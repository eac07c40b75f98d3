"""The engine's surroundings: its environment, its ports, what a killed one leaves."""

import os
import socket
from pathlib import Path

import pytest

from academy_worker.embedded import processes
from academy_worker.embedded.engine import (
    HOST,
    OWNER,
    PORTS,
    PREFIX,
    environment,
    free_port,
    remove_stale,
)


def folder_of(parent: Path, name: str, owner: str) -> Path:
    folder = parent / f"{PREFIX}{name}"
    folder.mkdir()
    (folder / OWNER).write_text(owner)
    return folder


def test_only_the_folders_of_the_dead_are_removed(tmp_path: Path) -> None:
    living = folder_of(tmp_path, "living", f"{os.getpid()} {processes.birth(os.getpid())}")
    reborn = folder_of(tmp_path, "reborn", f"{os.getpid()} 1")
    starting = tmp_path / f"{PREFIX}starting"
    starting.mkdir()

    remove_stale(tmp_path)

    assert (living.exists(), reborn.exists(), starting.exists()) == (True, False, True)


def test_a_free_port_can_be_bound_and_is_no_outgoing_one() -> None:
    port = free_port()

    assert PORTS[0] <= port < PORTS[1]
    with socket.socket() as bound:
        bound.bind((HOST, port))


def test_nothing_of_the_user_s_aws_reaches_the_engine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")

    env = environment(20_000, tmp_path)

    assert "AWS_PROFILE" not in env
    assert "HTTPS_PROXY" not in env
    assert env["AWS_ACCESS_KEY_ID"] == "test"
    assert env["BIND_HOST"] == "127.0.0.1"
    assert env["AUTH"] == "true"
    assert env["TMPDIR"] == str(tmp_path)
