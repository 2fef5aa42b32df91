"""Keyset pagination over ``queue_entry``: pages stay consistent while entries are inserted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.store.database.columns import UtcDateTime
from service.store.database.cursors import PROBLEM, pack, unpack
from service.store.database.errors import BadCursor
from service.store.database.row_ids import MAX_ROW_ID
from service.store.index.entries import MOST_REACH
from service.store.index.pages import MAX_PAGE
from service.store.tables.case_tables import QueueEntry


@dataclass(frozen=True)
class Ordering:
    """A strict order of entries: its last column is the listing's number."""

    name: str
    columns: tuple[InstrumentedAttribute[Any], ...]
    descending: bool = True

    @property
    def by_urgency(self) -> bool:
        """Whether cases that wait come first."""
        return self.columns[0].key == QueueEntry.urgency.key

    def sorted(self, query: Select[Any], backwards: bool = False) -> Select[Any]:
        """The query in this order, or reversed."""
        down = self.descending is not backwards
        return query.order_by(*(column.desc() if down else column.asc() for column in self.columns))

    def beyond(self, key: Sequence[Any], backwards: bool = False) -> ColumnElement[bool]:
        """Whether an entry comes after the one with this key, or before it."""
        values = [literal(value, column.type) for value, column in zip(key, self.columns, strict=True)]
        here, there = tuple_(*self.columns), tuple_(*values)
        return here < there if self.descending is not backwards else here > there

    def is_beyond(self, entry: QueueEntry, key: Sequence[Any], backwards: bool = False) -> bool:
        """The same test as :meth:`beyond`, for a loaded entry."""
        here, there = tuple(self.key(entry)), tuple(key)
        return bool(here < there if self.descending is not backwards else here > there)

    def merged(self, entries: Iterable[QueueEntry], backwards: bool = False) -> list[QueueEntry]:
        """Loaded entries in this order, or reversed."""
        return sorted(entries, key=self.key, reverse=self.descending is not backwards)

    def key(self, entry: QueueEntry) -> list[Any]:
        """The key of an entry."""
        return [getattr(entry, column.key) for column in self.columns]

    def pack(self, entry: QueueEntry) -> str:
        """The key of an entry as a cursor."""
        key = self.key(entry)
        return pack(self.name, *(v.isoformat() if isinstance(v, datetime) else v for v in key))

    def unpack(self, cursor: str) -> list[Any]:
        """The key in a cursor; raises :class:`~service.store.database.errors.BadCursor`."""
        name, *values = unpack(cursor, len(self.columns) + 1)
        if name != self.name:
            raise BadCursor(PROBLEM)
        return [_value(column, value) for column, value in zip(self.columns, values, strict=True)]


@dataclass(frozen=True)
class EntryPage:
    """A page of entries and the cursors of its neighbours, ``None`` at the ends."""

    entries: list[QueueEntry]
    previous: str | None
    next: str | None


def cut(
    session: Session,
    query: Select[Any],
    ordering: Ordering,
    cursor: str | None,
    limit: int,
    backwards: bool = False,
    beside: Sequence[QueueEntry] = (),
) -> EntryPage:
    """The ``limit`` entries after the cursor, or before it with ``backwards``; in order either way.

    Without a cursor these are the first entries, or the last ones with ``backwards``.

    ``beside`` are entries that the query does not return and that are merged in at their position. Raises
    :class:`~service.store.database.errors.BadCursor`.
    """
    key = start_of(ordering, cursor, limit)
    if key is not None:
        query = query.where(ordering.beyond(key, backwards))
        beside = [entry for entry in beside if ordering.is_beyond(entry, key, backwards)]
    # One more than requested, to learn whether more follow.
    found = list(session.scalars(ordering.sorted(query, backwards).limit(limit + 1)))
    if beside:
        found = ordering.merged([*found, *beside], backwards)
    return page_of(found, ordering, key is not None, limit, backwards)


def start_of(ordering: Ordering, cursor: str | None, limit: int) -> list[Any] | None:
    """The key at which a page starts, ``None`` for the first or last page.

    Raises :class:`~service.store.database.errors.BadCursor`.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise ValueError(f"limit must be 1 to {MAX_PAGE}, not {limit}")
    return ordering.unpack(cursor) if cursor else None


def page_of(
    found: list[QueueEntry], ordering: Ordering, from_cursor: bool, limit: int, backwards: bool
) -> EntryPage:
    """The page of the first ``limit`` entries that were found; those beyond tell that more follow.

    ``from_cursor`` is whether the page starts at a cursor.
    """
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    if not found:
        return EntryPage([], None, None)
    before, after = (more, from_cursor) if backwards else (from_cursor, more)
    return EntryPage(
        found,
        ordering.pack(found[0]) if before else None,
        ordering.pack(found[-1]) if after else None,
    )


def _value(column: InstrumentedAttribute[Any], value: Any) -> Any:
    if isinstance(column.type, UtcDateTime):
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise BadCursor(PROBLEM) from error
        if moment.tzinfo is None:
            raise BadCursor(PROBLEM)
        return moment
    kind = column.type.python_type
    allowed, most = ((int, float), MOST_REACH) if kind is float else ((int,), MAX_ROW_ID)
    # Not "> most", which is false of a NaN.
    if isinstance(value, bool) or not isinstance(value, allowed) or not abs(value) <= most:
        raise BadCursor(PROBLEM)
    return kind(value)
