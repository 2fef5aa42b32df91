"""Paging by key: a page starts where the last one ended, whatever was added in between."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import Select, and_, or_

from service.store.cursors import PROBLEM, pack, unpack
from service.store.errors import BadCursor
from service.store.models import Listing

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


def keyset(
    query: Select[tuple[Listing]], table: type[Listing], cursor: str | None, limit: int, order: Order
) -> Select[tuple[Listing]]:
    """Order the query, start it after the cursor, and take one row more than asked to know if more follow."""
    if not 1 <= limit <= MAX_PAGE:
        raise ValueError(f"limit must be 1 to {MAX_PAGE}, not {limit}")
    after = _decode(cursor, order) if cursor else None
    if order is Order.RISK:
        query = query.where(table.risk.is_not(None)).order_by(table.risk.desc(), table.id.desc())
        if after is not None:
            risk, number = after
            query = query.where(or_(table.risk < risk, and_(table.risk == risk, table.id < number)))
    else:
        query = query.order_by(table.id)
        if after is not None:
            query = query.where(table.id > after[1])
    return query.limit(limit + 1)


def page_of(rows: list[Listing], limit: int, order: Order) -> Page[Listing]:
    """Cut the extra row off and make the cursor."""
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], pack(order.value, last.risk or 0.0, last.id))


def _decode(cursor: str, order: Order) -> tuple[float, int]:
    name, risk, number = unpack(cursor, 3)
    # A forged number that no database column holds would break the query.
    if name != order.value or type(risk) not in (int, float) or type(number) is not int:
        raise BadCursor(PROBLEM)
    if not (0 <= risk <= 1 and 0 <= number < 2**31):
        raise BadCursor(PROBLEM)
    return float(risk), number
