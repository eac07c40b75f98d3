"""One HTTP GET to a vetted address, every wait of it bounded by one deadline.

Built on `http.client`: urllib3 and requests resolve the host themselves, after any check of
ours, and write the whole URL with its signature to the log when a server's headers are broken.
"""

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any

from jobs.url_guard import Target, vet_addresses

CONNECT_SECONDS = 5.0
"""s to connect to one address; the next one is tried after that."""

_HEADERS = {
    "User-Agent": "academy-worker",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to addresses, as texts. Raises `OSError`."""

Connector = Callable[[str, int, float], socket.socket]
"""Address, port and timeout in s to a connected socket. Raises `OSError`."""


class Deadline:
    """A moment, `seconds` from now, after which nothing waits any more."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, more than 0. Raises `TimeoutError`."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver for a host's addresses, IPv4 and IPv6."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(address: str, port: int, timeout: float) -> socket.socket:
    """Connect to an address (not a name: nothing is resolved here)."""
    return socket.create_connection((address, port), timeout)


class Unresolved(OSError):
    """The host's name leads to no address."""


@contextmanager
def get(
    target: Target,
    deadline: Deadline,
    resolver: Resolver = resolve,
    connector: Connector = connect,
    tls: ssl.SSLContext | None = None,
) -> Iterator[HTTPResponse]:
    """Send GET and yield the response, its body unread.

    The host is resolved once, its addresses are vetted and the socket is connected to one of
    those, so that a second DNS answer cannot lead elsewhere; the certificate is checked against
    the host's name. Raises `Permanent(download_forbidden)`, `OSError` (`Unresolved`, `TimeoutError`
    at the deadline) and `http.client.HTTPException`.
    """
    addresses = _resolve_within(deadline, resolver, target)
    with _open_socket(vet_addresses(addresses, target), target, deadline, connector) as plain:
        plain.settimeout(deadline.left())
        stream = plain if target.loopback else _secure(plain, target, tls or _default_tls())
        with stream:
            yield _request(target, _TimedSocket(stream, deadline))


def _resolve_within(deadline: Deadline, resolver: Resolver, target: Target) -> Sequence[str]:
    """Resolve in a thread: the system's resolver takes no timeout."""
    answers: list[Sequence[str]] = []
    errors: list[OSError] = []

    def ask() -> None:
        try:
            answers.append(resolver(target.host, target.port))
        except (OSError, UnicodeError) as error:
            errors.append(Unresolved(type(error).__name__))

    thread = threading.Thread(target=ask, daemon=True, name="resolve")
    thread.start()
    thread.join(deadline.left())
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError
    if not answers[0]:
        raise Unresolved("no address")
    return answers[0]


def _open_socket(
    addresses: Sequence[str], target: Target, deadline: Deadline, connector: Connector
) -> socket.socket:
    failure = OSError("no address")
    for address in addresses:
        try:
            return connector(address, target.port, min(CONNECT_SECONDS, deadline.left()))
        except OSError as error:
            failure = error
    deadline.left()
    raise ConnectionError("no address answers") from failure


def _secure(plain: socket.socket, target: Target, tls: ssl.SSLContext) -> ssl.SSLSocket:
    # A connection cut without TLS's own goodbye is an error, not the end of the file; contexts of
    # Python before 3.11.4 let it pass for one (CPython gh-95494).
    tls.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    return tls.wrap_socket(plain, server_hostname=target.host, suppress_ragged_eofs=False)


@lru_cache(maxsize=1)
def _default_tls() -> ssl.SSLContext:
    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _request(target: Target, timed: "_TimedSocket") -> HTTPResponse:
    """Let `http.client` speak over a socket that is open already."""
    kind = HTTPConnection if target.loopback else HTTPSConnection
    connection = kind(target.host, target.port)
    untyped: Any = connection
    untyped.sock = timed
    connection.request("GET", target.path, headers=_HEADERS)
    return connection.getresponse()


class _TimedSocket:
    """What `http.client` uses of a socket, with the deadline applied to every single wait.

    A plain socket timeout starts anew with each byte: a server that sends one byte a second
    would never meet it. `close` is left to the owner of the socket.
    """

    def __init__(self, stream: socket.socket, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._stream.settimeout(self._deadline.left())
        self._stream.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._stream, self._deadline))

    def close(self) -> None:
        """Do nothing: `http.client` closes before the body is read."""


class _TimedReader(io.RawIOBase):
    def __init__(self, stream: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._stream = stream
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._stream.settimeout(self._deadline.left())
        return self._stream.recv_into(buffer)
