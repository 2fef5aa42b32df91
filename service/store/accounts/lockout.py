"""How long an account is locked after failed logins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_MOST_DOUBLINGS = 30
"""Far beyond any limit: keeps the sum within what a time can hold."""


@dataclass(frozen=True)
class Lockout:
    """After ``failures`` failed logins in a row the account is locked for ``first``; each failure after
    a lock has ended doubles that, up to ``longest``.  A complete login resets the count."""

    failures: int = 5
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=24)

    def until(self, failed: int, now: datetime) -> datetime | None:
        """When the lock ends that the ``failed``-th failure in a row brings, or ``None`` for no lock."""
        if failed < self.failures:
            return None
        times: int = 2 ** min(failed - self.failures, _MOST_DOUBLINGS)
        return now + min(self.first * times, self.longest)
