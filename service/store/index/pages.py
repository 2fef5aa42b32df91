"""Pages of listings and the orders they come in; ``keyset`` cuts them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_PAGE = 500


class Order(StrEnum):
    """In which order listings come."""

    DEPOSITED = "deposited"
    """By the store's number, the first deposited first."""
    RISK = "risk"
    """The riskiest first, the newest first among equals; assessed listings only."""
    NEWEST = "newest"
    """By the store's number, the last deposited first."""
    REACH = "reach"
    """Those first that reached the most people, the newest first among equals."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows, and the cursor that continues after them (``None`` at the end)."""

    rows: list[T]
    next_cursor: str | None
