"""The clock behind the evidence's timestamps.

``system`` is the machine's own clock.  ``ntp://HOST`` asks a time server once, at the start of a run, and
corrects every time by what it answered (SNTP, RFC 4330).  Either way the evidence says which it was and how
far the two were apart, so that a court can be told.
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
    """The time server gives no usable time."""


@dataclass(frozen=True)
class Clock:
    """Gives the time, and says in words where it comes from."""

    source: str = SYSTEM
    offset: timedelta = timedelta(0)
    detail: str = "not compared with a time server"

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC) + self.offset

    def __str__(self) -> str:
        return f"{self.source}; {self.detail}"


def check_setting(setting: str) -> str:
    """The setting itself; raises ``ValueError`` unless it is ``system`` or ``ntp://HOST[:PORT]``."""
    parts = urlsplit(setting)
    if setting != SYSTEM and (parts.scheme != "ntp" or not parts.hostname or parts.path.strip("/")):
        raise ValueError(f"{setting!r} is no clock: write system, or ntp://HOST of a time server")
    return setting


def open_clock(setting: str) -> Clock:
    """The clock that the setting names.

    A time server that does not answer costs no crawl: the machine's clock stands in, and the evidence and
    the log say so.  Raises ``ValueError`` for a setting that names no clock.
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
    """Ask a time server: what to add to the system clock, the round trip (both seconds), its stratum.

    Raises :class:`ClockUnavailable` for an answer that is none, and other ``OSError``.
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
        raise ClockUnavailable("the answer is not to our question")
    if head >> 6 == _UNSYNCHRONIZED or not 1 <= stratum <= _MAX_STRATUM:
        raise ClockUnavailable("the time server is not synchronized itself")
    there, back = _seconds(words[7:9]), _seconds(words[9:11])
    offset = ((there - sent) + (back - received)) / 2
    return offset, (received - sent) - (back - there), stratum


def _stamp(moment: float) -> tuple[int, int]:
    whole = int(moment)
    return whole + _SINCE_1900, int((moment - whole) * 2**32)


def _seconds(words: list[int]) -> float:
    return words[0] - _SINCE_1900 + words[1] / 2**32
