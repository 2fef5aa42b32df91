"""The candidate number that the readers produce before the registry lookup."""

from dataclasses import dataclass
from datetime import date

from labels.schema import LicenceKind, NumberShape

BUDDHIST_ERA = 543
"""Years between the Common Era and the Buddhist Era."""


@dataclass(frozen=True)
class Found:
    """A number at ``[start, end)`` of the surface text (not of the original)."""

    start: int
    end: int
    kind: LicenceKind
    number: str
    shape: NumberShape
    reason: str
    candidates: tuple[tuple[LicenceKind, str], ...] = ()
    """For an ambiguous number: each possible kind with its normalized form."""


def current_year(today: date | None = None) -> int:
    """The Buddhist Era year of ``today``."""
    return (today or date.today()).year + BUDDHIST_ERA


def full_year(written: str) -> int:
    """The full year: two printed digits mean 25yy."""
    return 2500 + int(written) if len(written) == 2 else int(written)


def year_fault(written: str, now: int) -> str:
    """A Thai reason why the printed year is impossible, or an empty string."""
    year = full_year(written)
    if year > now:
        return f"ปี พ.ศ. {year} ยังมาไม่ถึง (ปีนี้ พ.ศ. {now})"
    if year < 2500:
        return f"ปี {year} ไม่ใช่ปี พ.ศ. ที่เป็นไปได้ ต้องเขียนเป็นปี พ.ศ. 25xx"
    return ""
