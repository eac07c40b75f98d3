"""What a server may do with sizes and time."""

import socket
import time
from pathlib import Path

import pytest

from faults import Code, Permanent, Transient
from jobs import limits
from jobs.workspace import FileKind
from tests.attack.downloads import PHOTO, fetch, refused
from tests.attack.internet import PUBLIC, Internet, Script, Server, reply, says

# --- sizes ------------------------------------------------------------------------------------


def endless(head: bytes) -> Script:
    """Sends until the client hangs up, and counts in vain on its patience."""

    def answer(_: bytes, connection: socket.socket) -> None:
        connection.sendall(head + PHOTO)
        while True:
            connection.sendall(bytes(1 << 20))

    return answer


def endless_chunks(_: bytes, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.sendall(b"%x\r\n%s\r\n" % (len(PHOTO), PHOTO))
    while True:
        connection.sendall(b"100000\r\n" + bytes(1 << 20) + b"\r\n")


def test_a_declared_size_over_the_cap_is_refused_unread(net: Internet, tmp_path: Path) -> None:
    net.serve(says(reply(200, PHOTO, Content_Length=str(limits.IMAGE_BYTES + 1))))

    error = refused(net, tmp_path)

    assert isinstance(error, Permanent)
    assert error.code == Code.DOWNLOAD_TOO_LARGE


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n\r\n"), id="no length"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), id="negative"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"), id="no number"),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"), id="huge"
        ),
        pytest.param(endless_chunks, id="chunks"),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffff\r\n"),
            id="giant chunk",
        ),
    ],
)
def test_an_endless_file_is_cut_at_the_cap(net: Internet, tmp_path: Path, script: Script) -> None:
    net.serve(script)

    error = refused(net, tmp_path, deadline=30)

    assert error.code == Code.DOWNLOAD_TOO_LARGE


def test_a_chunk_of_negative_size_ends_the_file(net: Internet, tmp_path: Path) -> None:
    net.serve(endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n"))

    assert refused(net, tmp_path).code == Code.DOWNLOAD_TRUNCATED


def test_the_cap_of_a_video_is_its_own(net: Internet, tmp_path: Path) -> None:
    mp4 = b"\x00\x00\x00\x20ftypisom" + bytes(limits.IMAGE_BYTES)
    net.serve(says(reply(200, mp4)))

    assert fetch(net, tmp_path, kind=FileKind.VIDEO).stat().st_size == len(mp4)


def test_a_file_of_exactly_the_cap_passes(net: Internet, tmp_path: Path) -> None:
    photo = PHOTO + bytes(limits.IMAGE_BYTES - len(PHOTO))
    net.serve(says(reply(200, photo)))

    assert fetch(net, tmp_path).stat().st_size == limits.IMAGE_BYTES


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(reply(200, PHOTO, Content_Length=str(len(PHOTO) + 1)), id="length too long"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s" % (9999, PHOTO),
            id="cut chunk",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n"
            % (len(PHOTO), PHOTO),
            id="no last chunk",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", id="no chunk size"
        ),
    ],
)
def test_a_file_cut_short_is_tried_again(net: Internet, tmp_path: Path, response: bytes) -> None:
    net.serve(says(response))

    error = refused(net, tmp_path)

    assert isinstance(error, Transient)
    assert error.code == Code.DOWNLOAD_TRUNCATED


def test_a_cut_connection_is_not_taken_for_the_end(net: Internet, tmp_path: Path) -> None:
    """Without a length only TLS's goodbye tells the whole file from half of it."""

    def cut(_: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + PHOTO[:300])
        connection.shutdown(socket.SHUT_RDWR)

    net.serve(cut)

    assert refused(net, tmp_path).code == Code.DOWNLOAD_TRUNCATED


def test_a_length_too_short_ends_the_file_there(net: Internet, tmp_path: Path) -> None:
    net.serve(says(reply(200, PHOTO + b"x" * 1000, Content_Length=str(len(PHOTO)))))

    assert fetch(net, tmp_path).read_bytes() == PHOTO


@pytest.mark.parametrize(
    "response",
    [
        reply(200),
        reply(204),
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["length 0", "no content", "closed", "no chunks"],
)
def test_an_empty_file_is_refused(net: Internet, tmp_path: Path, response: bytes) -> None:
    net.serve(says(response))

    error = refused(net, tmp_path)

    assert isinstance(error, Permanent)
    assert error.code == Code.DOWNLOAD_EMPTY


# --- time -------------------------------------------------------------------------------------


def dripping(data: bytes, pause: float = 0.05) -> Script:
    """Sends one byte at a time, so that no single wait is long."""

    def answer(_: bytes, connection: socket.socket) -> None:
        for index in range(len(data)):
            connection.sendall(data[index : index + 1])
            time.sleep(pause)

    return answer


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(dripping(reply(200, PHOTO)), id="headers"),
        pytest.param(dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 500), id="continue for ever"),
        pytest.param(lambda _, connection: time.sleep(8), id="silence"),
        pytest.param(
            lambda request, connection: (
                connection.sendall(reply(200, b"", Content_Length="9999")),
                dripping(PHOTO)(request, connection),
            ),
            id="body",
        ),
    ],
)
def test_one_deadline_bounds_every_wait(net: Internet, tmp_path: Path, script: Script) -> None:
    net.serve(script)
    start = time.monotonic()

    error = refused(net, tmp_path, deadline=1.0)

    assert isinstance(error, Transient)
    assert error.code == Code.DOWNLOAD_TIMEOUT
    assert time.monotonic() - start < 4


def test_a_handshake_that_never_ends_meets_the_deadline(net: Internet, tmp_path: Path) -> None:
    net.serve(says(b""))
    net._routes[PUBLIC] = Server(lambda _, connection: time.sleep(8)).port

    assert refused(net, tmp_path, deadline=1.0).code == Code.DOWNLOAD_TIMEOUT


def test_a_resolver_that_hangs_meets_the_deadline(net: Internet, tmp_path: Path) -> None:
    def hang(host: str, port: int) -> list[str]:
        time.sleep(3)
        return [PUBLIC]

    net.resolve = hang  # type: ignore[method-assign]
    start = time.monotonic()

    assert refused(net, tmp_path, deadline=0.3).code == Code.DOWNLOAD_TIMEOUT
    assert time.monotonic() - start < 2.5


def test_no_time_left_means_no_connection(net: Internet, tmp_path: Path) -> None:
    net.serve(says(reply(200, PHOTO)))

    assert refused(net, tmp_path, deadline=0).code == Code.DOWNLOAD_TIMEOUT
    assert net.connections == []
