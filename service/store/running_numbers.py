"""Running numbers of what the house sends out, by Buddhist year: ``รท 0007/2569``."""

from datetime import datetime

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.thai_calendar import buddhist_year

MAX_PREFIX = 40


class Numbered:
    """The columns of a number; a table that has them makes year and serial unique."""

    prefix: Mapped[str] = mapped_column(String(MAX_PREFIX))
    year: Mapped[int]
    """Buddhist year."""
    serial: Mapped[int]
    """1 for the first of its year."""

    @property
    def number(self) -> str:
        """As letters carry it: ``รท 0007/2569``."""
        return f"{self.prefix} {self.serial:04d}/{self.year}".strip()


def next_number(session: Session, table: type[Numbered], moment: datetime) -> tuple[int, int]:
    """Year and serial of the next row of ``table``; the caller holds the turn (``audit.take_turn``)."""
    year = buddhist_year(moment)
    newest = session.scalar(select(func.max(table.serial)).where(table.year == year))
    return year, (newest or 0) + 1
