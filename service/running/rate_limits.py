"""Rate limits by API key, or by address without one."""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from service.settings import PREFIX, Settings
from service.store.accounts.failed_logins import network

log = logging.getLogger(__name__)

SERVER_SECONDS = 1.0
"""Timeout of Redis."""
_UNITS: Final = {
    "second": "วินาที",
    "minute": "นาที",
    "hour": "ชั่วโมง",
    "day": "วัน",
    "month": "เดือน",
    "year": "ปี",
}


_Window = tuple[RateLimitItem, str, str]
"""The window of a caller under a limit: the limit, the kind of caller and the caller's name."""


class RateLimitsUnusable(ValueError):
    """The configured counter backend cannot be used; the message says what to do."""


@dataclass(frozen=True)
class LimitState:
    """A caller's state under one limit: ``remaining`` requests for another ``reset`` seconds."""

    limit: RateLimitItem
    passed: bool
    remaining: int
    reset: int

    @property
    def policy(self) -> str:
        """Format for the header ``RateLimit-Policy``."""
        return f'"{_name(self.limit)}";q={self.limit.amount};w={self.limit.get_expiry()}'

    @property
    def state(self) -> str:
        """Format for the header ``RateLimit``."""
        return f'"{_name(self.limit)}";r={self.remaining};t={self.reset}'

    @property
    def thai(self) -> str:
        """The limit in Thai, as ``str(limit)`` is in English."""
        return f"{self.limit.amount} ครั้งต่อ {self.limit.multiples} {_UNITS[self.limit.GRANULARITY.name]}"


@dataclass(frozen=True)
class LimitStates:
    """A caller's state under every applicable limit; empty without one."""

    each: tuple[LimitState, ...] = ()

    @property
    def retry_after(self) -> int | None:
        """Seconds until the next request may pass; ``None`` if this one did."""
        return max((standing.reset for standing in self.each if not standing.passed), default=None)

    def headers(self) -> Mapping[str, str]:
        """Return the headers of draft-ietf-httpapi-ratelimit-headers."""
        if not self.each:
            return {}
        return {
            "RateLimit-Policy": ", ".join(standing.policy for standing in self.each),
            "RateLimit": ", ".join(standing.state for standing in self.each),
        }


class MonotonicStorage(Storage):
    """In-process counters by the monotonic clock."""

    SWEEP_FROM: Final = 10_000
    """Number of counters from which expired ones are dropped."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(wrap_exceptions=False)
        self._clock = clock
        self._lock = threading.Lock()
        self._counters: dict[str, tuple[int, float]] = {}
        self._sweep_at = self.SWEEP_FROM

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return the exceptions of counting: none in practice."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count ``amount`` in the window of ``key``; the first count starts it for ``expiry`` seconds."""
        with self._lock:
            now = self._clock()
            count, ends = self._counters.get(key, (0, now))
            if ends <= now:
                count, ends = 0, now + expiry
            self._counters[key] = count + amount, ends
            if len(self._counters) > self._sweep_at:
                self._counters = {k: counter for k, counter in self._counters.items() if counter[1] > now}
                self._sweep_at = max(self.SWEEP_FROM, 2 * len(self._counters))
            return count + amount

    def get(self, key: str) -> int:
        """Return the count in the current window."""
        with self._lock:
            count, ends = self._counters.get(key, (0, 0.0))
            return count if ends > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        """Return the end of the window, by the clock."""
        with self._lock:
            return self._counters.get(key, (0, self._clock()))[1]

    def check(self) -> bool:
        """Whether counting works."""
        return True

    def reset(self) -> int:
        """Delete all counters; returns their number."""
        with self._lock:
            count = len(self._counters)
            self._counters.clear()
            return count

    def clear(self, key: str) -> None:
        """Delete one counter."""
        with self._lock:
            self._counters.pop(key, None)


class RateLimits:
    """Counts requests in windows that start with the first request.

    Thread-safe.

    Clock corrections never block callers: in this process windows use the monotonic clock, on a Redis server
    its own clock, and a window with an impossible remaining time is restarted.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare to count; raises :class:`RateLimitsUnusable`.  ``clock`` is in seconds."""
        self._everybody = _limits(settings.rate.limit)
        self._complaints = _limits(settings.complaint.rate_limit)
        self._drafts = _limits(settings.check.rate_limit)
        self._repeats = _limits(settings.complaint.repeat_limit)
        self._addresses = _limits(settings.complaint.address_limit)
        self._by_key = {name: _limits(limit) for name, limit in settings.rate.limit_by_key.items()}
        self._clock = clock
        if settings.rate.limit_storage.startswith("memory:"):
            self._counter = FixedWindowRateLimiter(MonotonicStorage(clock))
            return
        self._clock = time.time  # the base that a server's remaining seconds are added to and subtracted from
        try:
            storage = storage_from_string(
                settings.rate.limit_storage, wrap_exceptions=True, **_waits(settings.rate.limit_storage)
            )
        except (ConfigurationError, ValueError) as error:
            raise RateLimitsUnusable(
                f"{PREFIX}RATE_LIMIT_STORAGE cannot be used: {error}. Write memory://, or redis://HOST:6379/0"
                " after: pip install 'ruthan[redis]'"
            ) from error
        self._counter = FixedWindowRateLimiter(storage)

    def key(self, name: str) -> LimitStates:
        """Count a request of the API key ``name``."""
        return self._take(_windows(self._by_key.get(name, self._everybody), "key", name))

    def address(self, host: str) -> LimitStates:
        """Count a request without a valid key from an address; an IPv6 network of 64 bits counts as one."""
        return self._take(_windows(self._everybody, "address", network(host)))

    def complaint(self, browser: str, words: str, host: str) -> LimitStates:
        """Count a complaint from the public form by this browser session, text and address.

        Whole villages and mobile networks share an address, so its limit only stops floods. Empty ``words``
        are not counted. Browsers and texts are counted by their digests.
        """
        return self._take(
            [
                *_windows(self._addresses, "complaint", network(host)),
                *(_windows(self._repeats, "complaint-words", _digest(words)) if words else ()),
                *_windows(self._complaints, "complaint-browser", _digest(browser)),
            ]
        )

    def look_up(self, host: str) -> LimitStates:
        """Count a look-up of a complaint from an address."""
        return self._take(_windows(self._addresses, "look-up", network(host)))

    def draft(self, host: str) -> LimitStates:
        """Count a draft on the public page from an address, like :meth:`address`."""
        return self._take(_windows(self._drafts, "draft", network(host)))

    def _take(self, windows: Sequence[_Window]) -> LimitStates:
        """Count a request in all of these windows, or, if one is full, in none."""
        try:
            counts = len(windows) == 1 or all(self._counter.test(*window) for window in windows)
            return LimitStates(tuple(self._stand(*window, counts) for window in windows))
        except StorageError as error:
            # Fail open if the counter backend is down, so that officers and platforms can work.
            log.error("requests are not limited, as the counter backend fails: %s", error.storage_error)
            return LimitStates()

    def _stand(self, limit: RateLimitItem, kind: str, name: str, counts: bool) -> LimitState:
        passed = (self._counter.hit if counts else self._counter.test)(limit, kind, name)
        reset, remaining = self._counter.get_window_stats(limit, kind, name)
        left = math.ceil(reset - self._clock())
        if left > limit.get_expiry() + 1:  # it started before the server's clock was set back
            self._counter.clear(limit, kind, name)
            passed = self._counter.hit(limit, kind, name)
            reset, remaining = self._counter.get_window_stats(limit, kind, name)
            left = math.ceil(reset - self._clock())
        return LimitState(limit, passed, remaining, min(max(1, left), limit.get_expiry()))


def _waits(storage: str) -> dict[str, float]:
    """Return the timeouts for a server's counters."""
    if not storage.startswith("redis"):
        return {}
    return {"socket_timeout": SERVER_SECONDS, "socket_connect_timeout": SERVER_SECONDS}


def _limits(written: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse_many(written)) if written else ()


def _windows(limits: Sequence[RateLimitItem], kind: str, name: str) -> list[_Window]:
    return [(limit, kind, name) for limit in limits]


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def _name(limit: RateLimitItem) -> str:
    multiples = "" if limit.multiples == 1 else f"{limit.multiples}-"
    return f"{multiples}{limit.GRANULARITY.name}"
