"""Parsing of form and query values; invalid values give ``None``."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import FormData

MAX_DIGITS = 9
"""Maximum digits of a number, so that it fits every integer column of the store."""

E = TypeVar("E", bound=StrEnum)


def field(form: FormData, name: str) -> str:
    """Return the text of a form field; empty if it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def number_in(value: str | None) -> int | None:
    """Parse a number of at most :data:`MAX_DIGITS` ASCII digits."""
    if not value or not value.isascii() or not value.isdigit() or len(value) > MAX_DIGITS:
        return None
    return int(value)


def one_of(kind: Callable[[str], E], value: str | None) -> E | None:
    """Return the enumeration member with this value."""
    try:
        return kind(value) if value else None
    except ValueError:
        return None
