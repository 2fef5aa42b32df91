"""Dates as a Thai official writes them: Buddhist year, Thai month, Bangkok time."""

import re
from datetime import date, datetime

from service.text.thai_calendar import BANGKOK, BUDDHIST_ERA, BUDDHIST_YEARS

MONTHS = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")


def thai_date(moment: datetime) -> str:
    """``24 พ.ย. 2569``; ``moment`` must be aware."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: give an aware time")
    return thai_day(moment.astimezone(BANGKOK))


def thai_day(day: date) -> str:
    """``24 พ.ย. 2569``, for a calendar day."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year + BUDDHIST_ERA}"


def typed_day(day: date) -> str:
    """``24/11/2569``, as people type a day into a form."""
    return f"{day.day}/{day.month}/{day.year + BUDDHIST_ERA}"


def day_in(text: str) -> date:
    """Parse a day such as ``24/11/2569`` or ``2569-11-24``.

    Digits may be Thai or Arabic, and the year of the Buddhist or the common era.

    Raises ``ValueError`` for anything else, and for years outside 1900 to 2399 of the common era, so that
    conversion to another time zone cannot overflow.
    """
    found = re.fullmatch(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", text.strip())
    found = found or re.fullmatch(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a day: write it as 24/11/2569")
    year = int(found["y"])
    year -= BUDDHIST_ERA if year >= BUDDHIST_YEARS else 0
    if not 1900 <= year < BUDDHIST_YEARS:
        raise ValueError(f"{text!r} is out of range: give the year as 2569")
    return date(year, int(found["m"]), int(found["d"]))


def day_for_form(text: str | None) -> str:
    """Format a day from an address, such as ``2026-11-24``, for its form field; other text stays as typed."""
    try:
        return typed_day(day_in(text or ""))
    except ValueError:
        return text or ""


def thai_month(moment: datetime) -> str:
    """``พ.ย. 2569``; ``moment`` must be aware."""
    return thai_date(moment).split(" ", 1)[1]


def thai_time(moment: datetime) -> str:
    """``24 พ.ย. 2569 16:30 น.``; ``moment`` must be aware."""
    return f"{thai_date(moment)} {moment.astimezone(BANGKOK):%H:%M} น."
