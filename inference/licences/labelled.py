"""The licence field of marketplaces: a label that says "FDA number" and whatever the seller wrote behind it.

Shopee shows it as ``หมายเลขใบอนุญาต/อย.``. What stands there is read as the number that it claims to be,
also where it is far too short to be read as one anywhere else.
"""

import re
from collections.abc import Iterator
from typing import Final

from inference.licences.found import Found
from inference.surface import Taken
from labels.schema import LicenceKind, NumberShape

_FIELD: Final = re.compile(
    r"(?:หมายเลข|เลขที่|เลข)\s?(?:ใบอนุญาต\s?/\s?)?อ\.?\s?ย\.?(?![ก-๙])[ \t:：=-]{0,5}\n?[ \t]{0,3}"
    r"(?P<number>[0-9](?:[0-9/-]{2,22}[0-9]))(?![0-9.,]*\s?(?:%|บาท|฿|/))"
)
_LEAST: Final = 4
"""Fewer digits are an amount or a date."""
_MOBILE: Final = re.compile(r"0[689]\d{8}")
"""A mobile phone's number; no food serial begins with 0, since its first two digits are a province's."""


def find(text: str, taken: Taken) -> Iterator[Found]:
    """Numbers in the licence field of a surface text that no kind has taken: misshapen ones, of food."""
    for match in _FIELD.finditer(text):
        start, end = match.span("number")
        digits = "".join(filter(str.isdigit, match["number"]))
        if len(digits) >= _LEAST and not _MOBILE.fullmatch(digits) and taken.take(start, end):
            reason = f"ผู้ขายระบุเป็นเลข อย. แต่มี {len(digits)} หลัก เลขสารบบอาหารต้องมี 13 หลักแบบ XX-X-XXXXX-X-XXXX"
            yield Found(start, end, LicenceKind.FOOD_SERIAL, match["number"], NumberShape.INVALID, reason)
