import pytest

from crawler.network.addresses import PrivateAddress, check_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "::127.0.0.1",
        "::8.8.8.8",
        "fec0::1",
        "nonsense",
    ],
)
def test_addresses_off_the_public_internet_are_refused(address: str) -> None:
    with pytest.raises(PrivateAddress):
        check_public("shop.example", address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_pass(address: str) -> None:
    check_public("shop.example", address)
