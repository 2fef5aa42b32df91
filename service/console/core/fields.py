"""Parsing of form and query values; an invalid one is ``None``."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import FormData

MAX_DIGITS = 9
"""Digits of a number that every column of the store can be compared with."""

E = TypeVar("E", bound=StrEnum)


def field(form: FormData, name: str) -> str:
    """The text of a form's field; empty for a missing one and for a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def number_in(value: str | None) -> int | None:
    """The number that ``value`` writes in ASCII digits, at most :data:`MAX_DIGITS` of them."""
    if not value or not value.isascii() or not value.isdigit() or len(value) > MAX_DIGITS:
        return None
    return int(value)


def one_of(kind: Callable[[str], E], value: str | None) -> E | None:
    """The member of an enumeration with this value."""
    try:
        return kind(value) if value else None
    except ValueError:
        return None
