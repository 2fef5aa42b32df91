"""The marketplaces' licence field: a label meaning "FDA number" followed by whatever the seller wrote.

Shopee shows it as ``หมายเลขใบอนุญาต/อย.``. Its content is read as the number that it claims to be, even where
it would be too short to count elsewhere.
"""

import re
from collections.abc import Iterator
from typing import Final

from inference.licences.found import Found
from inference.text.surface import OccupiedCharacters
from labels.schema import LicenceKind, NumberShape

_FIELD: Final = re.compile(
    r"(?:หมายเลข|เลขที่|เลข)\s?(?:ใบอนุญาต\s?/\s?)?อ\.?\s?ย\.?(?![ก-๙])[ \t:：=-]{0,5}\n?[ \t]{0,3}"
    r"(?P<number>[0-9](?:[0-9/-]{2,22}[0-9]))(?![0-9.,]*\s?(?:%|บาท|฿|/))"
)
_LEAST: Final = 4
"""Fewer digits are an amount or a date."""
_DATE: Final = re.compile(r"\d{1,4}([/-])\d{1,2}\1\d{2,4}")


def find(text: str, taken: OccupiedCharacters) -> Iterator[Found]:
    """Numbers in the licence field that no other reader has taken, reported as malformed food serials."""
    for match in _FIELD.finditer(text):
        start, end = match.span("number")
        digits = "".join(filter(str.isdigit, match["number"]))
        # No food serial begins with 0, as phones do: its first two digits are a province code.
        other = digits.startswith("0") or _DATE.fullmatch(match["number"])
        if len(digits) >= _LEAST and not other and taken.take(start, end):
            reason = f"ผู้ขายระบุเป็นเลข อย. แต่มี {len(digits)} หลัก เลขสารบบอาหารต้องมี 13 หลักแบบ XX-X-XXXXX-X-XXXX"
            yield Found(start, end, LicenceKind.FOOD_SERIAL, match["number"], NumberShape.INVALID, reason)
