"""The clock behind the evidence's timestamps.

``system`` is the machine's own clock. ``ntp://HOST`` queries a time server once, at the start of a run, and
corrects every timestamp by the offset (SNTP, RFC 4330). Either way, the evidence records which clock was used
and the offset, for use in court. The package ntplib would do, but does not check that an answer belongs to
the request, nor that the server is synchronized.
"""

import logging
import socket
import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

log = logging.getLogger(__name__)

SYSTEM: Final = "system"
TIMEOUT_SECONDS: Final = 3.0
_PACKET: Final = struct.Struct("!BBbb11I")
_SINCE_1900: Final = 2_208_988_800
"""Seconds from 1900, where NTP counts from, to 1970."""
_CLIENT: Final = 0x23
"""Version 4, mode 3 (client)."""
_SERVER_MODE: Final = 4
_UNSYNCHRONIZED: Final = 3
_MAX_STRATUM: Final = 15


class ClockUnavailable(OSError):
    """The time server returned no usable time."""


@dataclass(frozen=True)
class Clock:
    """Returns the time and describes its source."""

    source: str = SYSTEM
    offset: timedelta = timedelta(0)
    detail: str = "not compared with a time server"

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC) + self.offset

    def __str__(self) -> str:
        return f"{self.source}; {self.detail}"


def check_setting(setting: str) -> str:
    """Validate a clock setting and return it.

    Raises ``ValueError`` unless it is ``system`` or ``ntp://HOST[:PORT]``.
    """
    parts = urlsplit(setting)
    if setting != SYSTEM and (parts.scheme != "ntp" or not parts.hostname or parts.path.strip("/")):
        raise ValueError(f"{setting!r} is not a clock: use system, or ntp://HOST of a time server")
    return setting


def open_clock(setting: str) -> Clock:
    """Return the clock that the setting names.

    If the time server does not respond, the machine's clock is used, and the evidence and the log say so.
    Raises ``ValueError`` for an invalid setting.
    """
    if check_setting(setting) == SYSTEM:
        return Clock()
    parts = urlsplit(setting)
    assert parts.hostname is not None
    try:
        offset, delay, stratum = ask(parts.hostname, parts.port or 123)
    except OSError as error:
        log.warning("%s gives no time (%s): the machine's own clock is used", setting, error)
        return Clock(SYSTEM, detail=f"{setting} gave no time: {error}")
    return Clock(
        setting,
        timedelta(seconds=offset),
        f"system clock corrected by {offset:+.3f} s (round trip {delay:.3f} s, stratum {stratum})",
    )


def ask(host: str, port: int = 123, timeout: float = TIMEOUT_SECONDS) -> tuple[float, float, int]:
    """Query a time server; return the offset to add, the round trip (both in seconds) and its stratum.

    Raises :class:`ClockUnavailable` for an unusable response, and other ``OSError``.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(timeout)
        link.connect((host, port))
        sent = time.time()
        mark = _stamp(sent)
        link.send(_PACKET.pack(_CLIENT, 0, 0, 0, *[0] * 9, *mark))
        answer = link.recv(512)
        received = time.time()
    if len(answer) < _PACKET.size:
        raise ClockUnavailable("the answer is too short")
    head, stratum, _, _, *words = _PACKET.unpack(answer[: _PACKET.size])
    if head & 7 != _SERVER_MODE or tuple(words[5:7]) != mark:
        raise ClockUnavailable("the answer does not match the request")
    if head >> 6 == _UNSYNCHRONIZED or not 1 <= stratum <= _MAX_STRATUM:
        raise ClockUnavailable("the time server itself is not synchronized")
    there, back = _seconds(words[7:9]), _seconds(words[9:11])
    offset = ((there - sent) + (back - received)) / 2
    return offset, (received - sent) - (back - there), stratum


def _stamp(moment: float) -> tuple[int, int]:
    whole = int(moment)
    return whole + _SINCE_1900, int((moment - whole) * 2**32)


def _seconds(words: list[int]) -> float:
    return words[0] - _SINCE_1900 + words[1] / 2**32
