"""Replaces a complaint's number in the text of an answer that several complainants read."""

import re

from service.store.database.running_numbers import written
from service.store.tables.complaint_tables import PREFIX, Complaint
from service.text.thai_calendar import THAI

_OF_COMPLAINT = r"\u0e40\u0e23\u0e37\u0e48\u0e2d\u0e07"
"""The Thai word for a matter, which is what the texts call a complaint."""
_COMPLAINING = r"\u0e23\u0e49\u0e2d\u0e07\u0e40\u0e23\u0e35\u0e22\u0e19"
_ORDINAL = r"\u0e17\u0e35\u0e48"
"""The Thai word before an ordinal, and the end of the word for a serial number."""
_SERIAL_NUMBER = (
    rf"(?:(?<={_OF_COMPLAINT})|(?<={_COMPLAINING})|(?<![\u0e01-\u0e4e]))"
    rf"\u0e40\u0e25\u0e02{_ORDINAL}(?:{_OF_COMPLAINT})?(?:{_COMPLAINING})?[\s:.]*"
)
"""The Thai word for a serial number, unless it ends the word for a house number or a licence number."""
_OTHER_SERIES = rf"(?<![\u0e01-\u0e59A-Za-z])(?:[\u0e01-\u0e2e]\.?){{1,5}} ?(?:{_ORDINAL} ?)?"
"""An abbreviation, as before the number of a letter: ``รท 0007/2569``."""


def renumbered(text: str, written_for: Complaint, reader: Complaint) -> str:
    """Return a text that names a complaint's number with the number of ``reader`` in its place.

    The number may be in Thai digits. It may lack leading zeros only after its prefix or the word for a serial
    number, as ``7/2569`` alone is also a month. The same number after the prefix of another series stays.
    """
    own = written("", reader.year, reader.serial)
    thai_year = str(written_for.year).translate(THAI)

    def put(found: re.Match[str]) -> str:
        if found["other"] is not None:
            return found[0]
        thai = found[0].endswith(thai_year)
        return (found["before"] or "") + (own.translate(THAI) if thai else own)

    return _number(written_for).sub(put, text)


def _number(row: Complaint) -> re.Pattern[str]:
    padded = _digits(written("", row.year, row.serial))
    lenient = rf"[0\u0e50]*{_digits(str(row.serial))}\s*/\s*{_digits(str(row.year))}"
    return re.compile(
        rf"(?:(?P<before>{PREFIX}[\s.\-]*|{_SERIAL_NUMBER}){lenient}"
        rf"|(?:(?P<other>{_OTHER_SERIES})|(?<![\d/.\-])){padded})(?![\d/])"
    )


def _digits(number: str) -> str:
    """Return a pattern of a number in Western or Thai digits."""
    return re.sub(r"\d", lambda digit: f"[{digit[0]}{digit[0].translate(THAI)}]", number)
