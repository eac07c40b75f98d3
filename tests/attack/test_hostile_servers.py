"""What a server, a resolver or a redirect may try on a download, over real sockets and TLS."""

import gzip
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

from faults import Code, Permanent, Transient, WorkerError
from jobs import limits
from jobs.download import DownloadPolicy, download
from jobs.workspace import FileKind
from tests.attack.internet import OTHER_PUBLIC, PUBLIC, Internet, Script, Server, reply, says
from tests.generators.hostile.pictures import HARMLESS_LOOKING_TEXTS, jpeg

PHOTO = jpeg()
SIGNATURE = "X-Amz-Signature=5ecre75ecre7"
URL = f"https://files.example.com/scan.jpg?{SIGNATURE}"
POLICY = DownloadPolicy(("example.com",))

NOT_PUBLIC = [
    "127.0.0.1",
    "127.255.0.1",
    "0.0.0.0",
    "10.0.0.7",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",  # instance metadata
    "169.254.170.2",  # container credentials
    "192.0.0.8",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.5",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:93.184.216.34",
    "::7f00:1",
    "64:ff9b::a9fe:a9fe",  # NAT64 of instance metadata
    "64:ff9b:1::1",
    "100::1",
    "2001:0:a9fe:a9fe::1",  # Teredo
    "2001:db8::1",
    "2002:7f00:1::1",  # 6to4 of loopback
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",  # instance metadata over IPv6
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
]


def fetch(
    net: Internet,
    directory: Path,
    url: str = URL,
    *,
    kind: FileKind = FileKind.IMAGE,
    policy: DownloadPolicy = POLICY,
    deadline: float = 10,
) -> Path:
    return download(
        url,
        kind,
        directory,
        policy,
        deadline,
        resolver=net.resolve,
        connector=net.connect,
        tls=net.trust,
    )


def refused(net: Internet, directory: Path, url: str = URL, **options: object) -> WorkerError:
    """Download in vain: no error repeats the link, and no file is left behind."""
    with pytest.raises(WorkerError) as caught:
        fetch(net, directory, url, **options)  # type: ignore[arg-type]
    trace = "".join(traceback.format_exception(caught.value))
    assert "5ecre7" not in trace
    assert "?" not in str(caught.value)
    assert [path for path in directory.iterdir() if path.is_file()] == []
    return caught.value


# --- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_inside_is_not_connected_to(
    net: Internet, tmp_path: Path, address: str
) -> None:
    net.names["files.example.com"] = [[address]]

    error = refused(net, tmp_path)

    assert isinstance(error, Permanent)
    assert error.code == Code.DOWNLOAD_FORBIDDEN
    assert net.connections == []


def test_one_inner_address_among_public_ones_condemns_the_name(
    net: Internet, tmp_path: Path
) -> None:
    net.serve(says(reply(200, PHOTO)))
    net.names["files.example.com"] = [[PUBLIC, "10.0.0.7"]]

    assert refused(net, tmp_path).code == Code.DOWNLOAD_FORBIDDEN
    assert net.connections == []


def test_a_second_answer_is_never_asked_for(net: Internet, tmp_path: Path) -> None:
    """Rebinding: public when it is checked, loopback when it is connected to."""
    net.serve(says(reply(200, PHOTO)))
    net.names["files.example.com"] = [[PUBLIC], ["127.0.0.1"]]

    assert fetch(net, tmp_path).read_bytes() == PHOTO
    assert net.connections == [(PUBLIC, 443)]
    assert net.lookups == ["files.example.com"]


def test_rebinding_between_two_hops_is_caught(net: Internet, tmp_path: Path) -> None:
    net.serve(says(reply(302, Location="/again")))
    net.names["files.example.com"] = [[PUBLIC], ["169.254.169.254"]]

    assert refused(net, tmp_path).code == Code.DOWNLOAD_FORBIDDEN
    assert net.connections == [(PUBLIC, 443)]


def test_the_next_address_is_tried_when_one_is_down(net: Internet, tmp_path: Path) -> None:
    net.serve(says(reply(200, PHOTO)))
    net.names["files.example.com"] = [["2606:2800:220:1::1", PUBLIC]]

    assert fetch(net, tmp_path).read_bytes() == PHOTO
    assert [address for address, _ in net.connections] == ["2606:2800:220:1::1", PUBLIC]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a",
        "https://2130706433/a",
        "https://0x7f000001/a",
        "https://0177.0.0.1/a",
        "https://127.1/a",
        "https://0x7f.1/a",
        "https://[::1]/a",
        "https://[::ffff:127.0.0.1]/a",
        "https://[fe80::1%25eth0]/a",
        "https://[v1.x]/a",
        "https://169.254.169.254/latest/meta-data/",
        "https://①②⑦.⓪.⓪.①/a",
        "https://127。0。0。1/a",
        "https://93.184.216.34/a",
        "https://localhost/a",
        "https://files.example.com.evil.net/a",
        "https://evilexample.com/a",
        "https://example.com@evil.net/a",
        "https://user:pass@files.example.com/a",
        "https://@files.example.com/a",
        "https://files.example.com\\@evil.net/a",
        "https://evil.net#@files.example.com/a",
        "https://evil.net/?files.example.com",
        "https://files.example.com:22/a",
        "https://files.example.com:8443/a",
        "https://files.example.com:0/a",
        "https://files.example.com:99999/a",
        "https://files.example.com:x/a",
        "https://files.example.com /a",
        "https://files.example.com/a\r\nHost: evil.net",
        "https://files.example.com/a\n",
        "\thttps://files.example.com/a",
        "https://files.exam\tple.com/a",
        "https:///a",
        "https:files.example.com/a",
        "//files.example.com/a",
        "files.example.com/a",
        "",
        "http://files.example.com/a",
        "http://localhost:9001/2018-06-01/runtime/invocation/next",
        "ftp://files.example.com/a",
        "file:///etc/passwd",
        "gopher://files.example.com/_GET",
        "data:image/png;base64,iVBORw0KGgo=",
        "jar:https://files.example.com!/a",
        "javascript:alert(1)",
        "s3://bucket/key",
    ],
)
def test_a_link_of_the_wrong_shape_is_not_even_looked_up(
    net: Internet, tmp_path: Path, url: str
) -> None:
    net.names = {"localhost": [["127.0.0.1"]], "evil.net": [[PUBLIC]]}

    error = refused(net, tmp_path, url)

    assert isinstance(error, Permanent)
    assert error.code == Code.DOWNLOAD_FORBIDDEN
    assert (net.lookups, net.connections) == ([], [])


# --- redirects --------------------------------------------------------------------------------


def redirecting(location: str, status: int = 302) -> Script:
    return says(reply(status, Location=location))


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.170.2/v2/credentials",
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "https://10.0.0.7/",
        "https://evil.net/scan.jpg",
        "//evil.net/scan.jpg",
        "http://files.example.com/scan.jpg",
        "https://files.example.com:8443/",
        "https://u:p@files.example.com/",
        "file:///etc/passwd",
        "https://[::1",
        "https://inside.example.com/",
        "",
    ],
)
def test_a_redirect_is_vetted_as_the_link_was(net: Internet, tmp_path: Path, location: str) -> None:
    net.serve(redirecting(location))
    net.names["inside.example.com"] = [["169.254.169.254"]]

    error = refused(net, tmp_path)

    assert isinstance(error, Permanent)
    assert error.code == Code.DOWNLOAD_FORBIDDEN
    assert net.connections == [(PUBLIC, 443)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_allowed_hosts_is_followed(
    net: Internet, tmp_path: Path, status: int
) -> None:
    net.serve(redirecting("https://cdn.example.com/x?a=1", status))
    final = net.serve(says(reply(200, PHOTO)), "cdn.example.com", OTHER_PUBLIC)

    assert fetch(net, tmp_path).read_bytes() == PHOTO
    assert final.requests[0].startswith(b"GET /x?a=1 HTTP/1.1\r\nHost: cdn.example.com\r\n")
    assert SIGNATURE.encode() not in final.requests[0]


def test_a_local_run_does_not_let_the_public_in(net: Internet, tmp_path: Path) -> None:
    net.serve(redirecting("http://localhost:9001/2018-06-01/runtime/invocation/next"))
    policy = DownloadPolicy(("example.com",), allow_http_loopback=True)

    assert refused(net, tmp_path, policy=policy).code == Code.DOWNLOAD_FORBIDDEN
    assert net.connections == [(PUBLIC, 443)]


def test_a_redirect_loop_ends_after_two(net: Internet, tmp_path: Path) -> None:
    server = net.serve(redirecting("/scan.jpg"))

    error = refused(net, tmp_path)

    assert error.code == Code.DOWNLOAD_FORBIDDEN
    assert "2 redirects" in error.message
    assert len(server.requests) == 3


# --- TLS --------------------------------------------------------------------------------------


def test_a_certificate_for_another_name_is_not_accepted(net: Internet, tmp_path: Path) -> None:
    server = net.serve(says(reply(200, PHOTO)), certificate_name="evil.net")

    error = refused(net, tmp_path)

    assert error.code == Code.DOWNLOAD_FAILED
    assert "certificate" in error.message
    assert server.requests == []


def test_an_unknown_authority_is_not_accepted(net: Internet, tmp_path: Path) -> None:
    server = net.serve(says(reply(200, PHOTO)))

    with pytest.raises(Transient, match="certificate"):
        download(
            URL,
            FileKind.IMAGE,
            tmp_path,
            POLICY,
            10,
            resolver=net.resolve,
            connector=net.connect,
        )
    assert server.requests == []


def test_something_that_is_no_tls_is_a_failure(net: Internet, tmp_path: Path) -> None:
    net.serve(says(b""))
    net._routes[PUBLIC] = Server(says(reply(200, PHOTO))).port

    assert refused(net, tmp_path).code == Code.DOWNLOAD_FAILED


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


def test_a_name_nobody_knows_is_tried_again(net: Internet, tmp_path: Path) -> None:
    error = refused(net, tmp_path, "https://gone.example.com/a")

    assert isinstance(error, Transient)
    assert error.code == Code.DOWNLOAD_FAILED


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
