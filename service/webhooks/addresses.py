"""Validates the addresses of webhooks: HTTPS on the public internet, and no internal address.

A webhook's owner chooses where this service connects to (SSRF). So the URL is checked when the webhook is
created and again, after name resolution, at each delivery; ``post`` then connects to the checked address.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_URL = 2000

_LOOPBACK_NAME = "localhost"


class BadTarget(ValueError):
    """A forbidden target; the message says why, without the address that a name resolved to; ``thai`` too."""

    def __init__(self, message: str, thai: str) -> None:
        super().__init__(message)
        self.thai = thai


@dataclass(frozen=True)
class Target:
    """The parts of a checked URL; ``path`` includes the query."""

    host: str
    port: int
    path: str
    tls: bool

    @property
    def authority(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def parse(url: str, allow_loopback: bool = False) -> Target:
    """Parse and check a webhook's URL; raises :class:`BadTarget`.  Resolves nothing."""
    if len(url) > MAX_URL or not url.isascii() or any(not "!" <= char <= "~" or char == "\\" for char in url):
        raise BadTarget(
            f"a webhook's URL has at most {MAX_URL} characters, all ASCII: encode a Thai host name as xn--…"
            " and other letters as %…",
            f"URL ของ webhook ยาวได้ไม่เกิน {MAX_URL} อักขระและเป็น ASCII เท่านั้น ชื่อโฮสต์ภาษาไทยให้เขียนเป็น xn--…",
        )
    try:
        parts = urlsplit(url)
        # A certificate names its host without the final dot of the root.
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError as error:
        raise BadTarget(f"this is not a URL: {error}", "นี่ไม่ใช่ URL ที่ถูกต้อง") from error
    if parts.scheme not in ("https", "http") or not host:
        raise BadTarget("give a complete URL: https://HOST/PATH", "โปรดระบุ URL ให้ครบ: https://HOST/PATH")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadTarget(
            "give the URL without a user name, a password or a fragment: deliveries are signed",
            "URL ต้องไม่มีชื่อผู้ใช้ รหัสผ่าน หรือส่วนหลัง # เพราะการส่งมีลายเซ็นอยู่แล้ว",
        )
    if port == 0:
        raise BadTarget("port 0 cannot be reached", "ใช้พอร์ต 0 ไม่ได้")
    tls = parts.scheme == "https"
    if not tls and not (allow_loopback and _names_loopback(host)):
        raise BadTarget(
            "give an https:// URL: notices are sent encrypted only",
            "ต้องเป็น https:// เพราะต้องส่งแบบเข้ารหัสเท่านั้น",
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port or (443 if tls else 80), path, tls)


def resolve(target: Target, allow_loopback: bool = False) -> list[str]:
    """Resolve the target's host and check that no address is private; raises :class:`BadTarget`."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadTarget(
            f"the host {target.host} cannot be found: check its spelling and its DNS",
            f"ไม่พบโฮสต์ {target.host} โปรดตรวจตัวสะกดและ DNS",
        ) from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not _may_be_reached(address, allow_loopback):
            raise BadTarget(
                f"the host {target.host} is not on the public internet: webhooks reach public hosts only",
                f"โฮสต์ {target.host} ไม่ได้อยู่บนอินเทอร์เน็ตสาธารณะ webhook ส่งได้เฉพาะโฮสต์สาธารณะ",
            )
    return addresses


def _may_be_reached(address: str, allow_loopback: bool) -> bool:
    try:
        found = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if found.is_loopback:
        return allow_loopback
    # IPv6 addresses that wrap an IPv4 one (mapped, 6to4, Teredo; NAT64 counts as reserved) would need a check
    # of the embedded address. No public host needs them.
    wrapped = isinstance(found, ipaddress.IPv6Address) and (
        found.ipv4_mapped or found.sixtofour or found.teredo or found.is_site_local
    )
    return found.is_global and not (wrapped or found.is_multicast or found.is_reserved)


def _names_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == _LOOPBACK_NAME
