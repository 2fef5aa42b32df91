"""Which network addresses a crawl may reach."""

import ipaddress
from typing import Final

_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses behind a translator (NAT64, RFC 6052)."""
_NOT_PUBLIC: Final = tuple(map(ipaddress.IPv6Network, ("::/96", "64:ff9b:1::/48", "fec0::/10")))
"""IPv4-compatible, locally translated and site-local addresses, which Python takes for public."""


class PrivateAddress(ValueError):
    """An address that is not on the public internet."""


def parse_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Parse a URL's host as an IP address; ``None`` for a host name."""
    try:
        return ipaddress.ip_address(host.strip("[]").split("%", 1)[0])
    except ValueError:
        return None


def check_public(host: str, address: str) -> None:
    """Raise :class:`PrivateAddress` unless ``address``, to which ``host`` resolved, is public.

    Private, loopback, link-local, site-local, shared, multicast, reserved and unspecified addresses are
    refused, also when mapped or translated into IPv6.
    """
    found = parse_address(address)
    if found is None:
        raise PrivateAddress(f"{host}: {address!r} is not an IP address")
    inner = _inner(found) if isinstance(found, ipaddress.IPv6Address) else found
    if inner is None or not inner.is_global or inner.is_multicast:
        raise PrivateAddress(
            f"{host} is at {address}, which is not a public internet address. "
            "If this is a shop of your own, allow it with --allow-private (RUTHAN_CRAWL_ALLOW_PRIVATE=true)"
        )


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IPv4 address within an IPv6 one, else the address itself; ``None`` if it is not public."""
    if any(address in network for network in _NOT_PUBLIC):
        return None
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
