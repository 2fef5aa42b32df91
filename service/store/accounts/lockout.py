"""The lockout policy after failed logins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_MOST_DOUBLINGS = 30
"""Far beyond any limit; keeps the duration within the range of ``timedelta``."""


@dataclass(frozen=True)
class Lockout:
    """Locks an account for ``first`` after ``failures`` consecutive failed logins.

    Each further failure after a lock has ended doubles the duration, up to ``longest``. A complete login
    resets the count.
    """

    failures: int = 5
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=24)

    def until(self, failed: int, now: datetime) -> datetime | None:
        """When the lock caused by the ``failed``-th consecutive failure ends, or ``None`` for no lock."""
        if failed < self.failures:
            return None
        times: int = 2 ** min(failed - self.failures, _MOST_DOUBLINGS)
        return now + min(self.first * times, self.longest)

    def holds(self, until: datetime | None, now: datetime) -> bool:
        """Whether a lock is in effect.

        A lock beyond ``longest`` was set before the clock was turned back, and is ignored.
        """
        return until is not None and now < until <= now + self.longest
