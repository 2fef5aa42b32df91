"""Dates as a Thai official writes them: Buddhist year, Thai month, Bangkok time."""

from datetime import date, datetime

from service.thai_calendar import BANGKOK, BUDDHIST_ERA

MONTHS = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")


def thai_date(moment: datetime) -> str:
    """``24 พ.ย. 2569``; ``moment`` must be aware."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: give an aware time")
    return thai_day(moment.astimezone(BANGKOK))


def thai_day(day: date) -> str:
    """``24 พ.ย. 2569``, of a day by the calendar on the wall."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year + BUDDHIST_ERA}"


def thai_month(moment: datetime) -> str:
    """``พ.ย. 2569``; ``moment`` must be aware."""
    return thai_date(moment).split(" ", 1)[1]


def thai_time(moment: datetime) -> str:
    """``24 พ.ย. 2569 16:30 น.``; ``moment`` must be aware."""
    return f"{thai_date(moment)} {moment.astimezone(BANGKOK):%H:%M} น."
