"""Parses dates of Thai registers: Buddhist or Common Era, digits or names of months."""

import re
from datetime import date
from functools import lru_cache
from typing import Final

from inference.text.surface import Surface
from service.text.thai_calendar import BUDDHIST_ERA, BUDDHIST_YEARS

_THAI: Final = (
    ("มกราคม", "ม.ค."), ("กุมภาพันธ์", "ก.พ."), ("มีนาคม", "มี.ค."), ("เมษายน", "เม.ย."), ("พฤษภาคม", "พ.ค."),
    ("มิถุนายน", "มิ.ย."), ("กรกฎาคม", "ก.ค."), ("สิงหาคม", "ส.ค."), ("กันยายน", "ก.ย."), ("ตุลาคม", "ต.ค."),
    ("พฤศจิกายน", "พ.ย."), ("ธันวาคม", "ธ.ค."),
)  # fmt: skip
_ENGLISH: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS: Final = {name.replace(".", ""): n for n, names in enumerate(_THAI, 1) for name in names} | {
    name: n for n, name in enumerate(_ENGLISH, 1)
}
_TIME: Final = re.compile(r"(?:[t ]+(?:เวลา)?\s*\d{1,2}[:.]\d{2}.*)$")
_ERA: Final = re.compile(r"พ\.?\s?ศ\.?|ค\.?\s?ศ\.?|วันที่")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[-/.\s](\d{1,2})[-/.\s](\d{4})")
_NAMED: Final = re.compile(r"(\d{1,2})[\s\-/]*([a-zก-๎.]+?)[\s\-/.]*(\d{4}|\d{2})")
_NONE: Final = frozenset(
    {"", "-", "–", "ไม่มี", "ไม่ระบุ", "ไม่กำหนด", "ตลอดชีพ", "ไม่มีวันหมดอายุ", "n/a", "null", "none"}
)


def is_no_date(written: str) -> bool:
    """Whether the cell means that there is no date."""
    return written.strip().casefold() in _NONE


@lru_cache(5000)  # dates repeat in a register
def read_date(written: str) -> date:
    """Parse the date in a cell: ``2569-11-01``, ``1/11/2569``, ``๑ พ.ย. ๖๙``, ``1 Nov 2026``.

    The day precedes the month. A year from 2400 on is Buddhist Era; two digits are accepted only with a Thai
    month, as 25yy.

    Raises:
        ValueError: the cell has another form.
    """
    folded = Surface(written).text.replace("\u0e4d\u0e32", "\u0e33").strip().casefold()
    folded = _ERA.sub(" ", _TIME.sub("", folded)).strip()
    folded = re.sub(r"\s+", " ", folded)
    if match := _YEAR_FIRST.fullmatch(folded) or _COMPACT.fullmatch(folded):
        year, month, day = (int(g) for g in match.groups())
    elif match := _DAY_FIRST.fullmatch(folded):
        day, month, year = (int(g) for g in match.groups())
    elif match := _NAMED.fullmatch(folded):
        name = match[2].replace(".", "")
        thai = name in _MONTHS and not name.isascii()
        found = _MONTHS.get(name) or _MONTHS.get(name[:3] if name.isascii() else "")
        if found is None or (len(match[3]) == 2 and not thai):
            raise ValueError(f"{written!r} is not a known date format")
        day, month, year = int(match[1]), found, int(match[3])
        year += 2500 if len(match[3]) == 2 else 0
    else:
        raise ValueError(f"{written!r} is not a known date format")
    try:
        return date(year - BUDDHIST_ERA if year >= BUDDHIST_YEARS else year, month, day)
    except ValueError:
        raise ValueError(f"{written!r} is not a valid date") from None
