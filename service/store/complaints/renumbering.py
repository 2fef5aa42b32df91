"""Replaces a complaint's number in the text of an answer that several complainants read."""

import re

from service.store.database.running_numbers import written
from service.store.tables.complaint_tables import PREFIX, Complaint
from service.text.thai_calendar import THAI

_OTHER_SERIES = r"(?<![\u0e01-\u0e59A-Za-z])(?:[\u0e01-\u0e2e]\.?){1,5} ?"
"""An abbreviation, as before the number of a letter: ``รท 0007/2569``."""


def renumbered(text: str, written_for: Complaint, reader: Complaint) -> str:
    """Return a text that names a complaint's number with the number of ``reader`` in its place.

    The number may lack its prefix and leading zeros, and may be in Thai digits.  The same number after the
    prefix of another series stays.
    """
    own = written("", reader.year, reader.serial)

    def put(found: re.Match[str]) -> str:
        if found["other"] is not None:
            return found[0]
        thai = found["year"] == str(written_for.year).translate(THAI)
        return (found["prefix"] or "") + (own.translate(THAI) if thai else own)

    return _number(written_for).sub(put, text)


def _number(row: Complaint) -> re.Pattern[str]:
    serial, year = _digits(str(row.serial)), _digits(str(row.year))
    return re.compile(
        rf"(?:(?P<prefix>{PREFIX}[\s.\-]*)|(?P<other>{_OTHER_SERIES})|(?<![\d/.\-]))"
        rf"[0\u0e50]*{serial}\s*/\s*(?P<year>{year})(?!\d)"
    )


def _digits(number: str) -> str:
    """Return a pattern of a number in Western or Thai digits."""
    return "".join(f"[{digit}{digit.translate(THAI)}]" for digit in number)
