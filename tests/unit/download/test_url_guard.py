"""Which links, hosts and addresses pass."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults import Code, Permanent
from jobs.url_guard import DownloadPolicy, Target, is_public, vet_addresses, vet_redirect, vet_url

POLICY = DownloadPolicy(("s3.ap-northeast-2.amazonaws.com", "Media.Academy.example."))
LOCAL = DownloadPolicy((), allow_http_loopback=True)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        (
            "https://uploads.s3.ap-northeast-2.amazonaws.com/a/b.jpg?X-Amz-Date=1&X-Amz-Sig=%2Fx",
            "uploads.s3.ap-northeast-2.amazonaws.com",
            "/a/b.jpg?X-Amz-Date=1&X-Amz-Sig=%2Fx",
        ),
        (
            "https://s3.ap-northeast-2.amazonaws.com",
            "s3.ap-northeast-2.amazonaws.com",
            "/",
        ),
        (
            "https://with.dots_and-dash.s3.ap-northeast-2.amazonaws.com:443/a",
            "with.dots_and-dash.s3.ap-northeast-2.amazonaws.com",
            "/a",
        ),
        ("HTTPS://MEDIA.academy.EXAMPLE./a", "media.academy.example", "/a"),
        (
            "https://media.academy.example/숙제.jpg#page=2",
            "media.academy.example",
            "/%EC%88%99%EC%A0%9C.jpg",
        ),
        ("https://media.academy.example//a//b?x=1?y", "media.academy.example", "//a//b?x=1?y"),
    ],
)
def test_links_of_allowed_hosts_pass_unchanged(url: str, host: str, path: str) -> None:
    assert vet_url(url, POLICY) == Target("https", host, 443, path)


@pytest.mark.parametrize("allowed", [(), ("",), (".",), (" ",), ("amazonaws.com.evil.net",)])
def test_an_empty_list_allows_nothing(allowed: tuple[str, ...]) -> None:
    with pytest.raises(Permanent) as caught:
        vet_url("https://a.amazonaws.com/x", DownloadPolicy(allowed))
    assert caught.value.code == Code.DOWNLOAD_FORBIDDEN


@pytest.mark.parametrize(
    "url", ["http://localhost:9000/a", "http://127.0.0.1/a", "http://[::1]:9000/a"]
)
def test_loopback_needs_the_local_setting(url: str) -> None:
    assert vet_url(url, LOCAL).loopback
    with pytest.raises(Permanent):
        vet_url(url, POLICY)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.2/a", "http://localhost.evil.net/a", "http://0/a", "http://2130706433/"]
)
def test_the_local_setting_names_its_hosts(url: str) -> None:
    with pytest.raises(Permanent):
        vet_url(url, LOCAL)


def test_the_local_exception_ends_at_loopback() -> None:
    target = vet_url("http://localhost/a", LOCAL)

    assert vet_addresses(["127.0.0.1", "::1"], target) == ("127.0.0.1", "::1")
    with pytest.raises(Permanent):
        vet_addresses(["127.0.0.1", "93.184.216.34"], target)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/b?c=1", "/b?c=1"),
        ("b", "/x/b"),
        ("?c=1", "/x/a?c=1"),
        ("//media.academy.example/z", "/z"),
    ],
)
def test_a_redirect_may_be_relative(location: str, path: str) -> None:
    here = vet_url("https://media.academy.example/x/a?signature=1", POLICY)

    assert vet_redirect(here, location, POLICY).path == path


def test_a_target_shown_holds_no_signature() -> None:
    assert "5ecre7" not in repr(vet_url("https://media.academy.example/a?s=5ecre7", POLICY))


@given(st.ip_addresses())
def test_a_public_address_is_one_the_standard_library_calls_global(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_loopback
        assert not address.is_link_local
        assert not address.is_private


@given(st.ip_addresses(v=4))
def test_no_ipv6_address_smuggles_an_ipv4_address(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for carrier in ("::", "::ffff:0:0", "64:ff9b::", "::ffff:0:0:0"):
        assert not is_public(ipaddress.IPv6Address(int(ipaddress.IPv6Address(carrier)) | number))
    for prefix in (0x2002 << 112 | number << 80, 0x20010000 << 96 | number):
        assert not is_public(ipaddress.IPv6Address(prefix))


@given(st.text(max_size=60) | st.text(max_size=40).map("https://media.academy.example".__add__))
def test_whatever_is_no_link_is_forbidden_and_nothing_else(url: str) -> None:
    try:
        target = vet_url(url, POLICY)
    except Permanent as error:
        code = error.code
    else:
        code = Code.DOWNLOAD_FORBIDDEN
        assert target.host.endswith("media.academy.example")
        assert target.path.isascii()
        assert " " not in target.path
    assert code == Code.DOWNLOAD_FORBIDDEN
