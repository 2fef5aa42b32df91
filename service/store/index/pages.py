"""Pages of listings and their sort orders; ``keyset`` implements the pagination."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_PAGE = 500


class Order(StrEnum):
    """Sort orders of listings."""

    DEPOSITED = "deposited"
    """By number in the store, oldest first."""
    RISK = "risk"
    """By descending risk, newest first among equals; assessed listings only."""
    NEWEST = "newest"
    """By number in the store, newest first."""
    REACH = "reach"
    """By descending reach, newest first among equals."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows, and the cursor of the next page (``None`` at the end)."""

    rows: list[T]
    next_cursor: str | None
