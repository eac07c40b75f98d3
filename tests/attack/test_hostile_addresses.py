"""Where a name, a redirect or a certificate may lead a download."""

from pathlib import Path

import pytest

from faults import Code, Permanent, Transient
from jobs.download import DownloadPolicy, download
from jobs.workspace import FileKind
from tests.attack.downloads import PHOTO, POLICY, SIGNATURE, URL, fetch, refused
from tests.attack.internet import OTHER_PUBLIC, PUBLIC, Internet, Script, Server, reply, says

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
