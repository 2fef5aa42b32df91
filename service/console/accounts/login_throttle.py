"""Throttle of failed logins by address."""

import threading

MAX_FAILURES = 50
"""Refused logins from one address before further attempts must wait."""
WINDOW_SECONDS = 300.0
"""Time window in which refused logins are counted."""


class AddressBrake:
    """Counts refused logins per address, in this process only; account locks are in the database."""

    MAX_ADDRESSES = 10_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, list[float]] = {}

    def too_many(self, address: str, now: float) -> bool:
        """Whether this address was refused too often recently."""
        with self._lock:
            return len(self._recent(address, now)) >= MAX_FAILURES

    def add(self, address: str, now: float) -> None:
        """Count a refused login."""
        with self._lock:
            if len(self._times) >= self.MAX_ADDRESSES:
                self._times = {key: t for key in list(self._times) if (t := self._recent(key, now))}
            self._times[address] = [*self._recent(address, now), now]

    def _recent(self, address: str, now: float) -> list[float]:
        return [moment for moment in self._times.get(address, ()) if now - moment < WINDOW_SECONDS]
