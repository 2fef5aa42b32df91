"""Which network addresses a crawl may reach."""

import ipaddress


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

    Private, loopback, link-local, shared, multicast, reserved and unspecified addresses are refused, also
    when mapped into IPv6.
    """
    found = parse_address(address)
    if found is None:
        raise PrivateAddress(f"{host}: {address!r} is not an IP address")
    inner = found
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None) or found
    if not (found.is_global or inner is not found) or not inner.is_global or inner.is_multicast:
        raise PrivateAddress(
            f"{host} is at {address}, which is not a public internet address. "
            "If this is a shop of your own, allow it with --allow-private (RUTHAN_CRAWL_ALLOW_PRIVATE=true)"
        )
