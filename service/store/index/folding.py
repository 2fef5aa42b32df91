"""Folding of the queue: the listings of one campaign that wait are one row, at the place of the first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from service.store.index.entries import URGENCY, CaseState, in_state
from service.store.index.keyset import EntryPage, Ordering, page_of, start_of
from service.store.tables.case_tables import QueueEntry

LOOKS = 2
"""Reads of entries after which the first listings of all campaigns are looked up: past the first pages most
entries are in the row of an earlier one."""


@dataclass(frozen=True)
class Fold:
    """The row of a campaign: its first waiting listing in the queue's order, and how many wait."""

    first: QueueEntry
    waiting: int


@dataclass
class _Folds:
    """The rows of the campaigns seen so far, under one filter and order."""

    session: Session
    query: Select[Any]
    ordering: Ordering
    beside: Sequence[QueueEntry]
    by_campaign: dict[int, Fold] = field(default_factory=dict)

    def learn(self, entries: Collection[QueueEntry]) -> None:
        """Look up the rows of these entries' campaigns."""
        waiting = {
            entry.campaign_id for entry in entries if is_waiting(entry) and entry.campaign_id is not None
        }
        if new := waiting - self.by_campaign.keys():
            self.by_campaign |= self._folds_of(new)

    def is_row(self, entry: QueueEntry) -> bool:
        """Whether an entry is a row of its own, rather than in the row of its campaign."""
        fold = self.by_campaign.get(entry.campaign_id) if entry.campaign_id is not None else None
        return fold is None or not is_waiting(entry) or fold.first.listing_id == entry.listing_id

    def rows(self, *, of_all: bool = False) -> ColumnElement[bool]:
        """The same condition in a query, so that a large campaign is not read entry by entry.

        It holds for campaigns that were not looked up only with ``of_all``, which reads all that waits once.
        """
        firsts = [fold.first.listing_id for fold in self.by_campaign.values()]
        other = QueueEntry.campaign_id.not_in(list(self.by_campaign))
        if of_all:
            ranked = self._ranked(QueueEntry.campaign_id.is_not(None), other).subquery()
            other = QueueEntry.listing_id.in_(select(ranked.c.listing_id).where(ranked.c.place == 1))
        return or_(
            QueueEntry.campaign_id.is_(None),
            other,
            QueueEntry.urgency < URGENCY[CaseState.WAITING],
            QueueEntry.listing_id.in_(firsts),
        )

    def _ranked(self, *some: ColumnElement[bool]) -> Select[Any]:
        """The numbers of waiting listings, with their places in their campaigns."""
        down = self.ordering.descending
        keys = [column.desc() if down else column.asc() for column in self.ordering.columns]
        return self.query.where(
            *some, in_state(QueueEntry.urgency.expression, CaseState.WAITING)
        ).with_only_columns(
            QueueEntry.listing_id,
            func.row_number().over(partition_by=QueueEntry.campaign_id, order_by=keys).label("place"),
        )

    def _folds_of(self, campaigns: Collection[int]) -> dict[int, Fold]:
        number = func.count().over(partition_by=QueueEntry.campaign_id).label("number")
        ranked = self._ranked(QueueEntry.campaign_id.in_(campaigns)).add_columns(number).subquery()
        firsts = (
            select(QueueEntry, ranked.c.number)
            .join(ranked, ranked.c.listing_id == QueueEntry.listing_id)
            .where(ranked.c.place == 1)
        )
        found: dict[int, Fold] = {}
        for entry, number in self.session.execute(firsts):
            if entry.campaign_id is not None:
                found[entry.campaign_id] = Fold(entry, number)
        for entry in self.beside:
            campaign = entry.campaign_id
            if campaign is None or campaign not in campaigns or not is_waiting(entry):
                continue
            fold = found.get(campaign)
            first = self.ordering.merged([entry, *([fold.first] if fold else [])])[0]
            found[campaign] = Fold(first, (fold.waiting if fold else 0) + 1)
        return found


def cut_folded(
    session: Session,
    query: Select[Any],
    ordering: Ordering,
    cursor: str | None,
    limit: int,
    backwards: bool = False,
    beside: Sequence[QueueEntry] = (),
) -> tuple[EntryPage, dict[int, int]]:
    """A page as of ``keyset.cut`` in which waiting listings of one campaign are one entry, the first of them.

    Also returns how many listings wait in the row of each campaign. Every page of one order and filter agrees
    on which listing is the first, so that each listing is in one row. Raises
    :class:`~service.store.database.errors.BadCursor`.
    """
    key = start_of(ordering, cursor, limit)
    folds = _Folds(session, query, ordering, beside)
    folds.learn(beside)
    rows: list[QueueEntry] = []
    reached = key
    for look in count():
        more = query.where(folds.rows(of_all=look >= LOOKS)) if folds.by_campaign else query
        if reached is not None:
            more = more.where(ordering.beyond(reached, backwards))
        found = list(session.scalars(ordering.sorted(more, backwards).limit(limit + 1)))
        folds.learn(found)
        rows += filter(folds.is_row, found)
        if len(rows) > limit or len(found) <= limit:
            break
        reached = ordering.key(found[-1])
    others = (entry for entry in beside if key is None or ordering.is_beyond(entry, key, backwards))
    rows = ordering.merged([*rows, *filter(folds.is_row, others)], backwards)
    page = page_of(rows, ordering, key is not None, limit, backwards)
    return page, {
        entry.campaign_id: folds.by_campaign[entry.campaign_id].waiting
        for entry in page.entries
        # PostgreSQL may not find a campaign whose listings were decided after the entries were read.
        if is_waiting(entry) and entry.campaign_id in folds.by_campaign
    }


def is_waiting(entry: QueueEntry) -> bool:
    """Whether an entry's case waits for a decision."""
    return entry.urgency >= URGENCY[CaseState.WAITING]
