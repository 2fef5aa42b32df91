"""The contact candidate type and the pattern fragments that the readers share."""

import re
from typing import Final, NamedTuple

from labels.schema import ContactKind

GAP: Final = r"[^A-Za-z0-9@\n\u0e01-\u0e5b+]"
"""A punctuation mark, space or emoji between a keyword and its handle."""


class Seen(NamedTuple):
    """A contact at ``[start, end)`` of the surface."""

    start: int
    end: int
    kind: ContactKind
    value: str


def digits_of(written: str) -> str:
    """The digits of a number."""
    return re.sub(r"[^0-9]", "", written)


def national_phone(written: str) -> str:
    """A Thai phone number in national form: +66 81 234 5678 becomes 0812345678."""
    digits = digits_of(written).removeprefix("00" if written.startswith("00") else "")
    if digits.startswith("66"):
        return "0" + digits[2:].removeprefix("0")
    return digits
