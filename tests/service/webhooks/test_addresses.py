import socket
from typing import Any

import pytest

from service.webhooks.addresses import MAX_URL, BadTarget, Target, parse, resolve

PRIVATE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254",
    "192.0.0.170", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0",
    "fec0::1", "fd00::1", "ff02::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1", "2002:7f00:1::1", "2001:0:1::1",
]  # fmt: skip


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_the_parts_of_a_url() -> None:
    assert parse("https://Example.com/a?b=c") == Target("example.com", 443, "/a?b=c", True)
    assert parse("https://example.com") == Target("example.com", 443, "/", True)
    assert parse("https://example.com:8443/").authority == "example.com:8443"
    assert parse("https://[2606:4700::1]/").authority == "[2606:4700::1]"
    assert parse("https://example.com:443/").authority == "example.com"
    assert parse("https://example.com./").authority == "example.com"


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "http://example.com/",
        "https://user@example.com/", "https://a:b@example.com/", "https://example.com/#a", "https:///a", "https://./",
        "https://example.com:0/", "https://example.com:70000/", "https://[::1/", "https://exam ple.com/",
        "https://example.com/\r\nX: 1", "https://ไทย.example/", "https://example.com\\@127.0.0.1/",
        "https://example.com/" + "a" * MAX_URL,
    ],
)  # fmt: skip
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_what_is_no_address_for_a_webhook(url: str, allow_loopback: bool) -> None:
    with pytest.raises(BadTarget):
        parse(url, allow_loopback)


def test_without_https_only_this_machine_and_only_where_that_is_allowed() -> None:
    for host in ("127.0.0.1:8000", "localhost", "[::1]:9"):
        assert not parse(f"http://{host}/", allow_loopback=True).tls
        with pytest.raises(BadTarget, match="encrypted"):
            parse(f"http://{host}/")


@pytest.mark.parametrize("address", PRIVATE)
def test_no_name_leads_into_the_house(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    target = parse("https://shop.example/")
    answering(monkeypatch, address)
    with pytest.raises(BadTarget, match="not on the public internet") as caught:
        resolve(target)
    assert address not in str(caught.value).replace("shop.example", "")
    # One private address among public ones is enough: who knows which one the connection would take.
    answering(monkeypatch, "8.8.8.8", address)
    with pytest.raises(BadTarget):
        resolve(target)


def test_public_addresses_and_where_it_is_allowed_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    target = parse("https://shop.example/")
    answering(monkeypatch, "8.8.8.8", "2606:4700::1")
    assert resolve(target) == ["8.8.8.8", "2606:4700::1"]
    answering(monkeypatch, "127.0.0.1")
    assert resolve(target, allow_loopback=True) == ["127.0.0.1"]
    answering(monkeypatch, "10.0.0.1")
    with pytest.raises(BadTarget):
        resolve(target, allow_loopback=True)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]"])
def test_loopback_in_disguise(host: str) -> None:
    with pytest.raises(BadTarget):
        resolve(parse(f"https://{host}/"))


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(BadTarget, match="cannot be found"):
        resolve(parse("https://nothing.invalid/"))
    with pytest.raises(BadTarget):
        resolve(parse(f"https://{'a' * 70}.example/"))
