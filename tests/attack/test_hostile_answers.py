"""What a server may answer with, and what its largest answer costs."""

import gzip
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from faults import Code, Permanent, Transient, WorkerError
from jobs.workspace import FileKind
from tests.attack.downloads import PHOTO, refused
from tests.attack.internet import OTHER_PUBLIC, PUBLIC, Internet, Server, reply, says
from tests.generators.hostile.pictures import HARMLESS_LOOKING_TEXTS

# --- contents ---------------------------------------------------------------------------------


def test_compression_is_not_asked_for_and_never_undone(net: Internet, tmp_path: Path) -> None:
    bomb = gzip.compress(PHOTO + bytes(50_000_000))
    server = net.serve(says(reply(200, bomb, Content_Encoding="gzip")))

    error = refused(net, tmp_path)

    assert error.code == Code.DOWNLOAD_WRONG_TYPE
    assert b"accept-encoding: identity\r\n" in server.requests[0].lower()


@pytest.mark.parametrize("name", HARMLESS_LOOKING_TEXTS)
def test_what_is_no_picture_is_refused(net: Internet, tmp_path: Path, name: str) -> None:
    body = HARMLESS_LOOKING_TEXTS[name]
    net.serve(says(reply(200, body, Content_Type="image/jpeg")))

    error = refused(net, tmp_path)

    assert isinstance(error, Permanent)
    assert error.code == Code.DOWNLOAD_WRONG_TYPE


def test_a_photo_is_no_video_nor_the_other_way_round(net: Internet, tmp_path: Path) -> None:
    net.serve(says(reply(200, PHOTO)))
    net.serve(says(reply(200, b"\x1aE\xdf\xa3" + bytes(99))), "video.example.com", OTHER_PUBLIC)

    photo = refused(net, tmp_path, kind=FileKind.VIDEO)
    video = refused(net, tmp_path, "https://video.example.com/a")

    assert (photo.code, video.code) == (Code.DOWNLOAD_WRONG_TYPE, Code.DOWNLOAD_WRONG_TYPE)


def test_a_wrong_type_is_found_before_the_file_is_through(net: Internet, tmp_path: Path) -> None:
    def text_without_end(_: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * (1 << 20))

    net.serve(text_without_end)

    assert refused(net, tmp_path).code == Code.DOWNLOAD_WRONG_TYPE


# --- answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, Permanent, Code.DOWNLOAD_EXPIRED),
        (403, Permanent, Code.DOWNLOAD_EXPIRED),
        (404, Permanent, Code.DOWNLOAD_MISSING),
        (410, Permanent, Code.DOWNLOAD_MISSING),
        (400, Permanent, Code.DOWNLOAD_FAILED),
        (416, Permanent, Code.DOWNLOAD_FAILED),
        (206, Permanent, Code.DOWNLOAD_FAILED),
        (304, Permanent, Code.DOWNLOAD_FAILED),
        (408, Transient, Code.DOWNLOAD_FAILED),
        (429, Transient, Code.DOWNLOAD_FAILED),
        (500, Transient, Code.DOWNLOAD_FAILED),
        (503, Transient, Code.DOWNLOAD_FAILED),
    ],
)
def test_each_answer_has_its_code(
    net: Internet, tmp_path: Path, status: int, kind: type[WorkerError], code: Code
) -> None:
    net.serve(says(reply(status, b"<Error>SlowDown</Error>" if status != 304 else b"")))

    error = refused(net, tmp_path)

    assert type(error) is kind
    assert error.code == code
    assert str(status) in error.message


def test_a_link_signed_by_an_expired_token_has_expired(net: Internet, tmp_path: Path) -> None:
    net.serve(says(reply(400, b"<Error><Code>ExpiredToken</Code></Error>")))

    assert refused(net, tmp_path).code == Code.DOWNLOAD_EXPIRED


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"\x16\x03\x01garbage\r\n\r\n",
        b"HTTP/9.9 999999 X\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
    ids=["nothing", "garbage", "version", "many headers", "long header", "ssh"],
)
def test_an_answer_that_is_no_http_is_a_failure(
    net: Internet, tmp_path: Path, response: bytes
) -> None:
    net.serve(says(response))

    error = refused(net, tmp_path)

    assert isinstance(error, Transient)
    assert error.code == Code.DOWNLOAD_FAILED


def test_a_name_nobody_knows_is_tried_again_and_said(net: Internet, tmp_path: Path) -> None:
    error = refused(net, tmp_path, "https://gone.example.com/a")

    assert isinstance(error, Transient)
    assert error.code == Code.DOWNLOAD_FAILED
    assert "cannot be resolved" in error.message
    assert "gone.example.com" not in error.message


def test_a_server_that_is_down_is_tried_again(net: Internet, tmp_path: Path) -> None:
    net.names["files.example.com"] = [[PUBLIC]]

    error = refused(net, tmp_path)

    assert isinstance(error, Transient)
    assert error.code == Code.DOWNLOAD_FAILED


# --- memory -----------------------------------------------------------------------------------

_MEMORY = """
import sys
from pathlib import Path
from faults import WorkerError
from jobs.download import DownloadPolicy, download
from jobs.workspace import FileKind

def high_water():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])

before = high_water()
try:
    download(sys.argv[1], FileKind.VIDEO, Path(sys.argv[2]), DownloadPolicy((), True), 60)
except WorkerError as error:
    print(error.code.value, (high_water() - before) // 1024)
"""


def test_300_megabytes_pass_through_a_few(tmp_path: Path) -> None:
    def endless_video(_: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n\x00\x00\x00\x20ftypisom")
        while True:
            connection.sendall(bytes(1 << 20))

    server = Server(endless_video)
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, f"http://localhost:{server.port}/", str(tmp_path)],
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    )
    server.close()

    code, megabytes = done.stdout.split()
    assert code == Code.DOWNLOAD_TOO_LARGE.value
    assert int(megabytes) < 16
    assert list(tmp_path.iterdir()) == []
