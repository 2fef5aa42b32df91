import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from crawler.evidence.clock import Clock, ClockUnavailable, ask, check_setting, open_clock
from crawler.options import CrawlOptions

SINCE_1900 = 2_208_988_800


@contextmanager
def time_server(ahead: float = 0.0, head: int = 0x24, stratum: int = 2, echo: bool = True) -> Iterator[int]:
    """An NTP server on loopback whose clock runs ``ahead`` seconds before ours."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))

        def answer() -> None:
            question, sender = link.recvfrom(512)
            now = time.time() + ahead
            stamp = struct.pack("!II", int(now) + SINCE_1900, int((now % 1) * 2**32))
            origin = question[40:48] if echo else b"\0" * 8
            link.sendto(bytes([head, stratum, 0, 0]) + b"\0" * 20 + origin + stamp + stamp, sender)

        thread = threading.Thread(target=answer)
        thread.start()
        yield link.getsockname()[1]
        thread.join()


def test_the_time_server_corrects_the_clock() -> None:
    with time_server(ahead=3600.0) as port:
        clock = open_clock(f"ntp://127.0.0.1:{port}")
    assert abs(clock.now() - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=1)
    assert f"ntp://127.0.0.1:{port}; system clock corrected by +3600." in str(clock) or "+3599." in str(clock)
    assert "stratum 2" in str(clock)


@pytest.mark.parametrize("broken", [{"echo": False}, {"head": 0xE4}, {"stratum": 0}, {"head": 0x23}], ids=str)
def test_an_answer_that_is_none_is_refused(broken: dict[str, int]) -> None:
    with time_server(**broken) as port, pytest.raises(ClockUnavailable):  # type: ignore[arg-type]
        ask("127.0.0.1", port)


def test_a_silent_server_costs_no_crawl(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    clock = open_clock(f"ntp://127.0.0.1:{port}")
    assert clock.source == "system"
    assert f"ntp://127.0.0.1:{port} gave no time" in str(clock)
    assert "the machine's own clock is used" in caplog.text


def test_settings() -> None:
    assert open_clock("system") == Clock()
    for bad in ("ntp", "http://x", "ntp:///x", "sundial"):
        with pytest.raises(ValueError, match="is not a clock"):
            check_setting(bad)
    with pytest.raises(ValueError, match="is not a clock"):
        CrawlOptions(clock="sundial")
