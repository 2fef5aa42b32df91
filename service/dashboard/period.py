"""The period of a dashboard: whole days in Bangkok."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from service.store.database.periods import Span
from service.text.thai_calendar import BANGKOK, local_day

DEFAULT_DAYS = 30
MOST_DAYS = 366 * 5


@dataclass(frozen=True)
class Period:
    """A period from the start of ``first`` to the end of ``last``."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None, moment: datetime) -> Self:
        """Return the requested period; by default the 30 days ending today.

        Swapped ends are corrected, and a period of more than five years is cut to its last five.
        """
        if last is None:
            last = local_day(moment) if first is None else max(first, local_day(moment))
        if first is None:
            first = last - timedelta(days=DEFAULT_DAYS - 1)
        first, last = min(first, last), max(first, last)
        return cls(max(first, last - timedelta(days=MOST_DAYS - 1)), last)

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def span(self) -> Span:
        """The period as the store's queries take it."""
        return Span(_beginning(self.first), _beginning(self.last + timedelta(days=1)))

    def before(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def _beginning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BANGKOK)
