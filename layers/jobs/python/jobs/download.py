"""The guarded download: a file from an allowed host, within size, time and format.

::

    url ─ vet_url ─ resolve ─ vet_addresses ─ connect ─ TLS ─ GET ─┬─ 3xx ─ vet_redirect ─┐
            ^                                                      │   (at most 2)        │
            └──────────────────────────────────────────────────────┼──────────────────────┘
                                                                   └─ 200 ─ count, look, save

Nothing here is logged, and no message holds a URL.
"""

import os
import ssl
import tempfile
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from faults import Code, Permanent, Transient, WorkerError
from file_type import DOCUMENTS, HEAD_BYTES, PICTURES, VIDEOS, format_of
from jobs import limits
from jobs.guarded_http import (
    Connector,
    Deadline,
    Resolver,
    Unresolved,
    connect,
    get,
    resolve,
)
from jobs.url_guard import DownloadPolicy, vet_redirect, vet_url
from jobs.workspace import FileKind

__all__ = ["DownloadPolicy", "download"]

_CHUNK = 256 * 1024
"""bytes read at once; the only part of a file that is ever in memory."""

_ERROR_BODY = 4096
"""bytes of an error page that are looked at."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429})
_CAPS = {FileKind.IMAGE: limits.IMAGE_BYTES, FileKind.VIDEO: limits.VIDEO_BYTES}
_FORMATS = {FileKind.IMAGE: PICTURES | DOCUMENTS, FileKind.VIDEO: VIDEOS}


def download(
    url: str,
    kind: FileKind,
    directory: Path,
    policy: DownloadPolicy,
    deadline: float,
    *,
    resolver: Resolver = resolve,
    connector: Connector = connect,
    tls: ssl.SSLContext | None = None,
) -> Path:
    """Fetch a file into `directory` and return its path; nothing is left there after an error.

    `deadline` is in seconds from now and bounds everything: name resolution, handshake, headers
    and body. `resolver`, `connector` and `tls` (None: certifi's roots) are for tests.

    Raises `Permanent` with `download_forbidden`, `download_expired`, `download_missing`,
    `download_too_large`, `download_empty`, `download_wrong_type` or `download_failed`, and
    `Transient` with `download_timeout`, `download_truncated` or `download_failed`.
    """
    clock = Deadline(deadline)
    try:
        target = vet_url(url, policy)
        for _ in range(policy.max_redirects + 1):
            with get(target, clock, resolver, connector, tls) as response:
                if response.status not in _REDIRECTS:
                    return _save(response, kind, directory)
                target = vet_redirect(target, _location(response), policy)
    except WorkerError:
        raise
    except TimeoutError:
        raise Transient(
            Code.DOWNLOAD_TIMEOUT, f"the file did not arrive within {deadline:.0f} s"
        ) from None
    except Unresolved:
        raise Transient(Code.DOWNLOAD_FAILED, "the file server's name cannot be resolved") from None
    except ssl.SSLCertVerificationError:
        raise Transient(
            Code.DOWNLOAD_FAILED, "the file server's certificate is not trusted"
        ) from None
    except (OSError, HTTPException, ValueError) as error:
        # The text of these errors may repeat the URL; their type does not.
        raise Transient(
            Code.DOWNLOAD_FAILED, f"the file server could not be used ({type(error).__name__})"
        ) from None
    raise Permanent(
        Code.DOWNLOAD_FORBIDDEN,
        f"more than {policy.max_redirects} redirects; send the link they lead to",
    )


def _location(response: HTTPResponse) -> str | None:
    """Read the header that `http.client` decodes as latin-1 though servers send UTF-8."""
    location = response.getheader("Location")
    try:
        return location and location.encode("latin-1").decode()
    except UnicodeError:
        return location


def _save(response: HTTPResponse, kind: FileKind, directory: Path) -> Path:
    _check_status(response)
    cap = _CAPS[kind]
    if (response.length or 0) > cap:
        raise _too_large(cap)
    handle, name = tempfile.mkstemp(dir=directory, prefix=f"{kind.value}-")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in _body(response, kind, cap):
                file.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _body(response: HTTPResponse, kind: FileKind, cap: int) -> Iterator[memoryview]:
    """Yield the body, counted: headers are a server's word, not a fact."""
    declared = response.length
    total = 0
    buffer = bytearray(_CHUNK)
    while size := _read(response, buffer):
        if not total:
            _check_format(bytes(buffer[: min(size, HEAD_BYTES)]), kind)
        total += size
        if total > cap:
            raise _too_large(cap)
        yield memoryview(buffer)[:size]
    if declared is not None and total < declared:
        raise _truncated()
    if not total:
        raise Permanent(Code.DOWNLOAD_EMPTY, "the file holds no byte; upload it again")


def _read(response: HTTPResponse, buffer: bytearray) -> int:
    try:
        return response.readinto(buffer)
    except TimeoutError:
        raise
    except (OSError, HTTPException):
        raise _truncated() from None


def _check_format(head: bytes, kind: FileKind) -> None:
    if format_of(head) not in _FORMATS[kind]:
        wanted = "JPEG, PNG, HEIC or PDF" if kind is FileKind.IMAGE else "MP4, MOV, WebM or AVI"
        raise Permanent(Code.DOWNLOAD_WRONG_TYPE, f"the file is not an accepted {kind}: {wanted}")


def _check_status(response: HTTPResponse) -> None:
    status = response.status
    if status == 200:
        return
    if status in (401, 403) or (status == 400 and b"Expired" in response.read(_ERROR_BODY)):
        raise Permanent(
            Code.DOWNLOAD_EXPIRED, f"the link has expired or is not allowed (HTTP {status})"
        )
    if status in (404, 410):
        raise Permanent(Code.DOWNLOAD_MISSING, f"there is no such file (HTTP {status})")
    if status in (204, 205):
        raise Permanent(Code.DOWNLOAD_EMPTY, "the file holds no byte; upload it again")
    failure = Transient if status >= 500 or status in _PASSING else Permanent
    raise failure(Code.DOWNLOAD_FAILED, f"the file server answered HTTP {status}")


def _too_large(cap: int) -> Permanent:
    return Permanent(
        Code.DOWNLOAD_TOO_LARGE, f"the file is larger than {cap // 1_000_000} MB; send less"
    )


def _truncated() -> Transient:
    return Transient(Code.DOWNLOAD_TRUNCATED, "the connection broke before the file was complete")
