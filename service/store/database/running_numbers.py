"""Serial numbers of incoming and outgoing documents, by Buddhist year: ``รท 0007/2569``."""

import re
from datetime import datetime
from typing import Final

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.text.thai_calendar import buddhist_year

MAX_PREFIX: Final = 40
# With a hyphen it may be the end of a telephone number: 1234-5678, 02-123-2569, (02) 123-2569.
_WRITTEN: Final = re.compile(
    r"(?<!\d)(?:(?P<serial>\d{1,7})\s*/\s*(?P<year>\d{4})"
    r"|(?<!\d[\s.)-])(?<!\d\)\s)(?P<alone>\d{1,7})\s*-\s*(?P<of>\d{4}))[\s.]*\Z"
)
_HYPHENATED_YEARS: Final = range(2500, 2700)


class YearlyNumber:
    """The columns of a serial number; each table makes them unique together."""

    year: Mapped[int]
    """Buddhist year."""
    serial: Mapped[int]
    """1 for the first of its year."""


class Numbered(YearlyNumber):
    """A number with the prefix configured when it was assigned."""

    prefix: Mapped[str] = mapped_column(String(MAX_PREFIX))

    @property
    def number(self) -> str:
        """The number as printed in letters: ``รท 0007/2569``."""
        return written(self.prefix, self.year, self.serial)


def written(prefix: str, year: int, serial: int) -> str:
    """Format a number for display."""
    return f"{prefix} {serial:04d}/{year}".strip()


def read(number: str) -> tuple[int, int] | None:
    """Parse year and serial of a number, with or without its prefix; ``None`` if it is not a number."""
    found = _WRITTEN.search(number)
    if not found:
        return None
    if found["year"]:
        return int(found["year"]), int(found["serial"])
    year = int(found["of"])
    return (year, int(found["alone"])) if year in _HYPHENATED_YEARS else None


def next_number(session: Session, table: type[YearlyNumber], moment: datetime) -> tuple[int, int]:
    """Return year and serial of ``table``'s next row; the caller holds the lock (``audit.take_turn``)."""
    year = buddhist_year(moment)
    newest = session.scalar(select(func.max(table.serial)).where(table.year == year))
    return year, (newest or 0) + 1
