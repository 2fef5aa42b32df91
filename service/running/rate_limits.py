"""How many requests a key, or an address without one, may make."""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from service.settings import PREFIX, Settings
from service.store.accounts.failed_logins import network

log = logging.getLogger(__name__)

SERVER_SECONDS = 1.0
"""How long Redis is waited for."""


class RateLimitsUnusable(ValueError):
    """Requests cannot be counted where the settings say; the message says what to do."""


@dataclass(frozen=True)
class Standing:
    """How a caller stands to one limit after a request: ``remaining`` requests for ``reset`` seconds more."""

    limit: RateLimitItem
    passed: bool
    remaining: int
    reset: int

    @property
    def policy(self) -> str:
        """As in the header ``RateLimit-Policy``."""
        return f'"{_name(self.limit)}";q={self.limit.amount};w={self.limit.get_expiry()}'

    @property
    def state(self) -> str:
        """As in the header ``RateLimit``."""
        return f'"{_name(self.limit)}";r={self.remaining};t={self.reset}'


@dataclass(frozen=True)
class Standings:
    """How a caller stands to every limit that concerns it; empty without one."""

    each: tuple[Standing, ...] = ()

    @property
    def retry_after(self) -> int | None:
        """Seconds until a request can pass again; ``None`` when this one did."""
        return max((standing.reset for standing in self.each if not standing.passed), default=None)

    def headers(self) -> Mapping[str, str]:
        """The headers of the IETF's draft-ietf-httpapi-ratelimit-headers."""
        if not self.each:
            return {}
        return {
            "RateLimit-Policy": ", ".join(standing.policy for standing in self.each),
            "RateLimit": ", ".join(standing.state for standing in self.each),
        }


class MonotonicStorage(Storage):
    """Counts in this process, by a clock that no correction of the machine's time moves."""

    SWEEP_FROM: Final = 10_000
    """With so many counters, those whose window is over are dropped."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(wrap_exceptions=False)
        self._clock = clock
        self._lock = threading.Lock()
        self._counters: dict[str, tuple[int, float]] = {}
        self._sweep_at = self.SWEEP_FROM

    @property
    def base_exceptions(self) -> type[Exception]:
        """What counting may raise: nothing."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count ``amount`` in the window of ``key``; the first count opens it for ``expiry`` seconds."""
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
        """What was counted in the present window."""
        with self._lock:
            count, ends = self._counters.get(key, (0, 0.0))
            return count if ends > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, by the clock."""
        with self._lock:
            return self._counters.get(key, (0, self._clock()))[1]

    def check(self) -> bool:
        """Whether counting works."""
        return True

    def reset(self) -> int:
        """Forget everything; how many counters there were."""
        with self._lock:
            count = len(self._counters)
            self._counters.clear()
            return count

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with self._lock:
            self._counters.pop(key, None)


class RateLimits:
    """Counts requests in windows that begin with the first one.  Safe to use from any thread.

    No correction of a clock makes anybody wait: in this process windows go by the monotonic clock, on a Redis
    server by its own, and a window that seems to last longer than it can is begun anew.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare to count; raises :class:`RateLimitsUnusable`.  ``clock`` is in seconds."""
        self._everybody = _limits(settings.rate_limit)
        self._complaints = _limits(settings.complaint_rate_limit)
        self._by_key = {name: _limits(limit) for name, limit in settings.rate_limit_by_key.items()}
        self._clock = clock
        if settings.rate_limit_storage.startswith("memory:"):
            self._counter = FixedWindowRateLimiter(MonotonicStorage(clock))
            return
        self._clock = time.time  # what a server's seconds left are added to, and taken off again
        try:
            storage = storage_from_string(
                settings.rate_limit_storage, wrap_exceptions=True, **_waits(settings.rate_limit_storage)
            )
        except (ConfigurationError, ValueError) as error:
            raise RateLimitsUnusable(
                f"{PREFIX}RATE_LIMIT_STORAGE cannot be used: {error}. Write memory://, or redis://HOST:6379/0"
                " after: pip install 'ruthan[redis]'"
            ) from error
        self._counter = FixedWindowRateLimiter(storage)

    def key(self, name: str) -> Standings:
        """Count a request of the API key ``name``."""
        return self._take(self._by_key.get(name, self._everybody), "key", name)

    def address(self, host: str) -> Standings:
        """Count a request without a valid key from an address; an IPv6 network of 64 bits counts as one."""
        return self._take(self._everybody, "address", network(host))

    def complaint(self, host: str) -> Standings:
        """Count a complaint that came by the public form from an address, as :meth:`address` does."""
        return self._take(self._complaints, "complaint", network(host))

    def _take(self, limits: tuple[RateLimitItem, ...], kind: str, name: str) -> Standings:
        try:
            return Standings(tuple(self._stand(limit, kind, name) for limit in limits))
        except StorageError as error:
            # Who cannot count must not refuse: officers and platforms go on.
            log.error("requests are not limited, for they cannot be counted: %s", error.storage_error)
            return Standings()

    def _stand(self, limit: RateLimitItem, kind: str, name: str) -> Standing:
        passed = self._counter.hit(limit, kind, name)
        reset, remaining = self._counter.get_window_stats(limit, kind, name)
        left = math.ceil(reset - self._clock())
        if left > limit.get_expiry() + 1:  # it was begun before the server's clock was set back
            self._counter.clear(limit, kind, name)
            passed = self._counter.hit(limit, kind, name)
            reset, remaining = self._counter.get_window_stats(limit, kind, name)
            left = math.ceil(reset - self._clock())
        return Standing(limit, passed, remaining, min(max(1, left), limit.get_expiry()))


def _waits(storage: str) -> dict[str, float]:
    """How long a server may keep a request waiting that it should only count."""
    if not storage.startswith("redis"):
        return {}
    return {"socket_timeout": SERVER_SECONDS, "socket_connect_timeout": SERVER_SECONDS}


def _limits(written: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse_many(written)) if written else ()


def _name(limit: RateLimitItem) -> str:
    multiples = "" if limit.multiples == 1 else f"{limit.multiples}-"
    return f"{multiples}{limit.GRANULARITY.name}"
