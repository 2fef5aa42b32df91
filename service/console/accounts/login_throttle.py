"""Throttles failed logins by address."""

import time
from collections.abc import Callable

from limits import RateLimitItemPerSecond
from limits.strategies import FixedWindowRateLimiter

from service.running.rate_limits import MonotonicStorage
from service.store.accounts.failed_logins import network

MAX_FAILURES = 50
"""Refused logins from one address before further attempts must wait."""
WINDOW_SECONDS = 300
"""Time window in which failed logins are counted; it starts with the first."""


class LoginThrottle:
    """Counts failed logins per address, in this process only; account locks are in the database.

    An IPv6 network of 64 bits counts as one address. ``clock`` is in seconds.
    """

    def __init__(self, failures: int = MAX_FAILURES, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = RateLimitItemPerSecond(failures, WINDOW_SECONDS)
        self._counter = FixedWindowRateLimiter(MonotonicStorage(clock))

    def too_many(self, address: str) -> bool:
        """Whether this address recently had too many failed logins."""
        return not self._counter.test(self._limit, network(address))

    def add(self, address: str) -> None:
        """Count a failed login."""
        self._counter.hit(self._limit, network(address))
