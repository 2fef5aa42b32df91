"""Row numbers: 32-bit integers from 1, in every table."""

from typing import Final

MAX_ROW_ID: Final = 2**31 - 1
"""PostgreSQL refuses larger numbers with an error instead of finding nothing."""
NO_ROW: Final = 0
"""A number that no row has."""


def is_row_id(value: int) -> bool:
    """Whether a row can have this number."""
    return 0 < value <= MAX_ROW_ID


def row_id(value: int) -> int:
    """Return the number if a row can have it, else :data:`NO_ROW`."""
    return value if is_row_id(value) else NO_ROW
