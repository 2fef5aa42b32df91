"""The Thai calendar and digits: Bangkok time, Buddhist years, dates in the format of official letters."""

from datetime import date, datetime, timedelta, timezone

BANGKOK = timezone(timedelta(hours=7), "ICT")
"""Thailand has had a fixed offset without daylight saving time since 1920."""

BUDDHIST_ERA = 543

BUDDHIST_YEARS = 2400
"""Years from here on are in the Buddhist era."""

_MONTHS = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)


THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def buddhist_year(moment: datetime) -> int:
    """Return the Buddhist year in Bangkok; ``moment`` must be aware."""
    return _local(moment).year + BUDDHIST_ERA


def local_day(moment: datetime) -> date:
    """Return the day in Bangkok; ``moment`` must be aware."""
    return _local(moment).date()


def letter_date(moment: datetime) -> str:
    """Format a date as ``24 พฤศจิกายน 2569``; ``moment`` must be aware."""
    local = _local(moment)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year + BUDDHIST_ERA}"


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: give a timezone-aware time")
    return moment.astimezone(BANGKOK)
