"""Which URLs and which addresses a download may go to: names on a list, public addresses only.

The checks run before a connection is made and again for every redirect. A message never holds
the URL: a presigned one carries its signature in the query.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

from faults import Code, Permanent
from jobs import limits

HTTPS_PORT = 443
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST_NAME = re.compile(
    r"(?=.{4,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,62}\Z"
)
"""Lower-case labels, the last one beginning with a letter: so no form of an address (dotted,
decimal, octal, hexadecimal) is a name."""
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"
"""What stays as it is in a path and query; the rest (Korean file names) is percent-encoded."""

_V6_GLOBAL = ipaddress.ip_network("2000::/3")
_V6_EXCLUDED = tuple(
    map(
        ipaddress.ip_network,
        (
            "2001::/23",  # protocol assignments, Teredo among them (it embeds IPv4 addresses)
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4 embeds IPv4 addresses
            "3fff::/20",  # documentation
        ),
    )
)
_V4_EXCLUDED = (
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays
)


@dataclass(frozen=True, slots=True)
class DownloadPolicy:
    """Where files may be fetched from.

    `allowed_hosts` holds names; a host is allowed if it is one of them or lies below one
    (`bucket.s3.example.com` under `s3.example.com`). An empty list refuses every public host.
    `allow_http_loopback` lets a local run fetch `http://localhost:PORT/…`, nothing else.
    """

    allowed_hosts: tuple[str, ...]
    allow_http_loopback: bool = False
    max_redirects: int = limits.MAX_REDIRECTS


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be fetched, once its addresses are vetted too.

    `path` is percent-encoded and includes the query, which is why it is not shown.
    """

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)

    @property
    def loopback(self) -> bool:
        """Whether this is the local run's exception."""
        return self.scheme == "http"


def vet_url(url: str, policy: DownloadPolicy) -> Target:
    """Check a URL's scheme, host, port and shape. Raises `Permanent(download_forbidden)`."""
    if not url.isprintable() or any(sign in url for sign in ' \\"<>'):
        raise _forbidden("the link holds blanks or control characters")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removesuffix(".")
        port = parts.port
    except ValueError:
        raise _forbidden("the link cannot be parsed") from None
    if "@" in parts.netloc:
        raise _forbidden("the link holds a user name or password")
    query = f"?{parts.query}" if parts.query else ""
    path = quote(f"{parts.path or '/'}{query}", safe=_URL_SAFE)
    if parts.scheme == "http" and policy.allow_http_loopback and host in _LOOPBACK_HOSTS:
        return Target("http", host, 80 if port is None else port, path)
    if parts.scheme != "https":
        raise _forbidden("only https links are fetched")
    if port not in (None, HTTPS_PORT):
        raise _forbidden(f"only port {HTTPS_PORT} is fetched from")
    if not _allowed(host, policy.allowed_hosts):
        raise _forbidden("the host is not on the list of allowed hosts")
    return Target("https", host, HTTPS_PORT, path)


def vet_redirect(target: Target, location: str | None, policy: DownloadPolicy) -> Target:
    """Check where a server sends us; it may not lead from https to http. Raises as `vet_url`."""
    if not location:
        raise _forbidden("a redirect names no place to go")
    here = f"[{target.host}]" if ":" in target.host else target.host
    try:
        url = urljoin(f"{target.scheme}://{here}:{target.port}{target.path}", location)
    except ValueError:
        raise _forbidden("a redirect cannot be parsed") from None
    following = vet_url(url, policy)
    if following.scheme != target.scheme:
        raise _forbidden("a redirect changes the scheme")
    return following


def vet_addresses(addresses: Sequence[str], target: Target) -> tuple[str, ...]:
    """Check every address a host has; one bad one condemns the host.

    Global unicast only, or loopback only in the local run's exception. Raises
    `Permanent(download_forbidden)`.
    """
    for text in addresses:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            raise _forbidden("the host resolves to something that is no address") from None
        if not (address.is_loopback if target.loopback else is_public(address)):
            raise _forbidden("the host resolves to an address that is not public")
    return tuple(addresses)


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address is global unicast, not one that embeds or relays another."""
    if isinstance(address, ipaddress.IPv6Address):
        return address in _V6_GLOBAL and not any(address in net for net in _V6_EXCLUDED)
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved)
        and not any(address in net for net in _V4_EXCLUDED)
    )


def _allowed(host: str, allowed_hosts: Sequence[str]) -> bool:
    if not _HOST_NAME.match(host):
        return False
    names = (name.strip().lower().strip(".") for name in allowed_hosts)
    return any(name and (host == name or host.endswith(f".{name}")) for name in names)


def _forbidden(reason: str) -> Permanent:
    return Permanent(Code.DOWNLOAD_FORBIDDEN, f"{reason}; send a link of an allowed host")
