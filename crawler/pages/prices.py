"""Reads prices as sellers write them: 1,290.00 บาท, 1.290,00 บาท, ฿๑,๒๙๐, 590.-."""

import re
from typing import Any

from price_parser import Price

from labels.letters import WESTERN_DIGITS

_NUMBER = r"(?<![\d,])(?<![^.]\.)\d++(?:[.,\u00a0\u202f]\d++)*+"
BAHT = re.compile(rf"(?:฿|THB)\s*({_NUMBER})|({_NUMBER})\s*(?:บาท|฿|THB|\.-|,-)")
"""A number with a baht sign or word before or after it."""
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
"""A number in structured data, where a dot is always the decimal point (https://schema.org/price)."""
_EXPONENT = re.compile(r"\d+(?:\.\d+)?[eE][+-]?\d+")
"""A number as spreadsheets shorten it: 1.29E+03."""
_NEGATIVE = re.compile(r"[-\u2212](?:฿|THB)?[\d.,]*\d\s*(?:บาท|฿|THB|\.-|,-)?")
"""A negative number, which many programs write for an unknown price; a bullet has a space."""
_DISCOUNT = re.compile(r"[-\u2212]\s?\d+(?:\.\d+)?\s?%\s*")
"""A discount before a price: -20%."""
_SHEET_ERROR = "#DIV/0!"
"""What spreadsheets write instead of a value; their other errors have no digit."""
_LONGEST = 200
"""Maximum length of a price; longer texts are something else."""
_TOO_MUCH = 1e12
"""Not a price; nor is infinity or a number beyond the range of floats."""


def price_of(value: Any) -> str:
    """Return the digits of a price, with a decimal point if it has decimals; empty if there is none.

    A number next to a baht sign or word is preferred, as in "2 ขวด 590 บาท".
    """
    if isinstance(value, bool):
        return ""
    if isinstance(value, (int, float)):
        return f"{value:.2f}" if 0 <= value < _TOO_MUCH else ""
    if not isinstance(value, str):
        return ""
    text = value.strip()[:_LONGEST].translate(WESTERN_DIGITS)
    if _EXPONENT.fullmatch(text):
        return price_of(float(text))
    text = _DISCOUNT.sub("", text, count=1) if _DISCOUNT.match(text) else text
    if _NEGATIVE.fullmatch(text) or text.upper() == _SHEET_ERROR:
        return ""
    return text if _PLAIN.fullmatch(text) else _in_baht(text) or _amount(text)


def price_in(text: str) -> tuple[str, str]:
    """Return the first price in baht in a text, and its currency; two empty strings without one."""
    price = _in_baht(text)
    return (price, "THB") if price else ("", "")


def _in_baht(text: str) -> str:
    numbers = (hit.group(1) or hit.group(2) for hit in BAHT.finditer(text))
    return next((x for n in numbers if len(n) < _LONGEST and (x := _amount(n.translate(WESTERN_DIGITS)))), "")


def _amount(text: str) -> str:
    # A group of thousands never begins with a zero: 0.125 is not 125.
    amount = Price.fromstring(text, decimal_separator="." if text.startswith("0.") else None).amount
    return "" if amount is None else f"{amount:f}"
