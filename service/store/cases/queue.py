"""The review queue: listings that wait for a person, in order of priority."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, defer

from labels.guidance.severity import Severity
from labels.pictured import assessment_of
from labels.schema import Assessment
from service.store.appeals.answering import closed_to
from service.store.database.errors import BadCursor
from service.store.database.repository import Repository
from service.store.index import search
from service.store.index.entries import STATES, URGENCY, CaseState, entry_of, in_state, urgency_in
from service.store.index.finding import ORDERINGS, QueueFilter, conditions, held_by_others, unindexed
from service.store.index.folding import cut_folded, is_waiting
from service.store.index.keyset import EntryPage, Ordering, cut
from service.store.index.queue_counts import Counted, QueueCounts, capped, counted
from service.store.second_look.blind_queue import apart_from, entries_of
from service.store.second_look.blinds import Blind, blinds_of
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import AssessmentRow, Listing, Review, Reviewer

EXCERPT = 160
"""Characters of the description shown in place of a missing title."""


@dataclass(frozen=True)
class QueueRow:
    """A listing in the queue. ``listing.description`` is not loaded: use ``excerpt``."""

    listing: Listing
    excerpt: str
    assessment: Assessment
    state: CaseState
    severity: Severity
    reach: float
    complaints: int
    review: Review | None
    reviewer_name: str | None
    campaign_id: int | None = None
    waiting: int = 1
    """How many listings of its campaign wait in this row, itself included."""


@dataclass(frozen=True)
class QueuePage:
    """A page of the queue and the cursors of its neighbours, ``None`` at the ends."""

    rows: list[QueueRow]
    previous: str | None
    next: str | None


class QueueQuestions(Repository):
    """Queries on the queue. ``me`` is the reviewer who asks, where that matters."""

    def queue(
        self,
        wanted: QueueFilter,
        me: int | None = None,
        cursor: str | None = None,
        limit: int = 50,
        backwards: bool = False,
        *,
        folded: bool = False,
    ) -> QueuePage:
        """The page after the cursor, or before it with ``backwards``.

        Without a cursor this is the first page, or the last one with ``backwards``; with a cursor of another
        order, the first page.

        Contains only assessed listings, each with the newest assessment of its current text. If ``folded``,
        those of one campaign that wait are one row, in the place of the first of them.
        """
        ordering = ORDERINGS[wanted.sort]
        with self.database.reading() as session:
            blinds = blinds_of(session, me)
            query = _entries(session, wanted, self.database.is_sqlite, me).where(*apart_from(blinds))
            beside = entries_of(session, wanted, self.database.is_sqlite, blinds)
            waiting: dict[int, int] = {}

            def page(start: str | None, back: bool) -> EntryPage:
                if not folded:
                    return cut(session, query, ordering, start, limit, back, beside)
                found, numbers = cut_folded(session, query, ordering, start, limit, back, beside)
                waiting.update(numbers)
                return found

            try:
                found = page(cursor, backwards)
            except BadCursor:
                found = page(None, False)
            return QueuePage(_rows(session, found.entries, blinds, waiting), found.previous, found.next)

    def counts(self, wanted: QueueFilter, me: int | None = None) -> QueueCounts:
        """Counts for each value of each filter (:mod:`service.store.index.queue_counts`)."""
        bare = replace(wanted, state=None, verdict=None)
        with self.database.reading() as session:
            blinds = blinds_of(session, me)
            beside = entries_of(session, bare, self.database.is_sqlite, blinds)
            if bare == QueueFilter(search=bare.search, sort=bare.sort) and bare.search.wanted:
                # Nothing else narrows, so a sample of many hits represents all of them.
                some = search.first_hits(session, bare.search, self.database.is_sqlite)
                if len(some) > search.FEW and not bare.search.unwanted:
                    part = [QueueEntry.urgency >= 0, QueueEntry.listing_id.in_(some), *apart_from(blinds)]
                    return counted(session, part, by_cell=False, is_part=True).with_entries(beside)
            found = conditions(session, bare, self.database.is_sqlite, me)
            # Scanning the table is faster than scanning an index and looking up each row.
            assessed = unindexed(QueueEntry.urgency) if self.database.is_sqlite else QueueEntry.urgency
            found += [assessed >= 0, *apart_from(blinds)]
            return counted(session, found, by_cell=not _looks_far(wanted)).with_entries(beside)

    def how_many(self, wanted: QueueFilter, me: int | None = None) -> Counted:
        """The number of listings that match a filter, counted up to a thousand."""
        with self.database.reading() as session:
            blinds = blinds_of(session, me)
            found = _conditions(session, wanted, self.database.is_sqlite, me)
            number = session.scalar(select(capped([*found, *apart_from(blinds)]))) or 0
            return Counted.up_to_cap(
                number + len(entries_of(session, wanted, self.database.is_sqlite, blinds))
            )

    def has_reach(self) -> bool:
        """Whether any listing has a reach."""
        with self.database.reading() as session:
            return (session.scalar(select(func.max(QueueEntry.reach))) or 0) > 0

    def newest_reviews(self, listing_ids: Collection[int]) -> dict[int, int]:
        """The number of the newest review of each of these listings that has one."""
        query = select(Review.listing_id, func.max(Review.id)).where(Review.listing_id.in_(listing_ids))
        with self.database.reading() as session:
            found = session.execute(query.group_by(Review.listing_id))
            return {listing: number for listing, number in found}

    def waiting(self) -> int:
        """The number of listings whose current text has no review, or a withdrawn one."""
        waits = in_state(QueueEntry.urgency.expression, CaseState.WAITING)
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(QueueEntry).where(waits)) or 0

    def undecided(self, after: int = 0, limit: int = 500) -> list[tuple[Listing, Assessment]]:
        """Assessed listings whose current text is waiting or "unsure", by number.

        ``after`` is the last listing number of the previous page; each listing comes with its newest
        assessment. Redacted listings are left out, because their text is not the one that was assessed.
        """
        query = (
            select(Listing, AssessmentRow.content)
            .join(QueueEntry, QueueEntry.listing_id == Listing.id)
            .join(AssessmentRow, AssessmentRow.id == Listing.assessment_id)
            .where(
                QueueEntry.urgency > URGENCY[CaseState.DECIDED],
                Listing.id > after,
                Listing.redacted_at.is_(None),
            )
            .order_by(Listing.id)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [(listing, assessment_of(content)) for listing, content in session.execute(query)]

    def next_waiting(self, wanted: QueueFilter, after: Listing, me: int | None = None) -> int | None:
        """The number of the next waiting listing after ``after`` in the queue, or of the first one.

        Skips cases that somebody else works on or has to decide. ``None`` when no other listing waits under
        this filter, whose state is ignored.
        """
        ordering = ORDERINGS[wanted.sort]
        waiting = replace(wanted, state=CaseState.WAITING)
        with self.database.reading() as session:
            blinds = blinds_of(session, me)
            query = _entries(session, waiting, self.database.is_sqlite, me).where(
                QueueEntry.listing_id != after.id,
                QueueEntry.listing_id.not_in(held_by_others(me)),
                *apart_from(blinds),
            )
            if me is not None:
                query = query.where(QueueEntry.listing_id.not_in(closed_to(me)))
            beside = [
                entry
                for entry in entries_of(session, waiting, self.database.is_sqlite, blinds)
                if entry.listing_id != after.id
            ]
            here = entry_of(session, after.id)
            if here is not None and here.risk is not None:
                key = ordering.key(here)
                if ordering.by_urgency:
                    # Use its position while it was waiting, since a decision moves it to the end.
                    key[0] = urgency_in(CaseState.WAITING, here.complaints)
                found = session.scalars(ordering.sorted(query.where(ordering.beyond(key))).limit(1)).all()
                later = [entry for entry in beside if ordering.is_beyond(entry, key)]
                if following := ordering.merged([*found, *later]):
                    return following[0].listing_id
            found = session.scalars(ordering.sorted(query).limit(1)).all()
            first = ordering.merged([*found, *beside])
            return first[0].listing_id if first else None


def _looks_far(wanted: QueueFilter) -> bool:
    """Whether a count under this filter may scan many entries that do not match."""
    own = (wanted.search, wanted.label, wanted.licence, wanted.seller, wanted.campaign)
    some = (wanted.since, wanted.before, wanted.assigned)
    return any(own) or any(value is not None for value in some) or wanted.about_decisions


def _entries(session: Session, wanted: QueueFilter, is_sqlite: bool, me: int | None) -> Select[Any]:
    found = _conditions(session, wanted, is_sqlite, me, ORDERINGS[wanted.sort])
    return select(QueueEntry).where(*found)


def _conditions(
    session: Session, wanted: QueueFilter, is_sqlite: bool, me: int | None, ordering: Ordering | None = None
) -> list[ColumnElement[bool]]:
    found = conditions(session, wanted, is_sqlite, me, ordering)
    if wanted.state is not None:
        return found
    # Assessed listings only; the index for the order of urgency begins with this column.
    walked = is_sqlite and ordering is not None and not ordering.by_urgency
    urgency = unindexed(QueueEntry.urgency) if walked else QueueEntry.urgency.expression
    return [urgency >= 0, *found]


def _rows(
    session: Session, entries: list[QueueEntry], blinds: Mapping[int, Blind], waiting: Mapping[int, int]
) -> list[QueueRow]:
    numbers = [entry.listing_id for entry in entries]
    query = (
        select(Listing, func.substr(Listing.description, 1, EXCERPT), AssessmentRow.content)
        .join(AssessmentRow, AssessmentRow.id == Listing.assessment_id)
        .options(defer(Listing.description), defer(Listing.extra))
        .where(Listing.id.in_(numbers))
    )
    found = {listing.id: (listing, excerpt, content) for listing, excerpt, content in session.execute(query)}
    shown = [entry.review_id for entry in entries if entry.listing_id not in blinds]
    reviews = _reviews(session, [number for number in shown if number is not None])
    rows = []
    for entry in entries:
        if entry.listing_id not in found:
            continue
        listing, excerpt, content = found[entry.listing_id]
        review, name = reviews.get(entry.review_id or 0, (None, None))
        if blind := blinds.get(entry.listing_id):
            review, name = blind.review, blind.reader if blind.review else None
        assessment = assessment_of(content)
        rows.append(
            QueueRow(
                listing,
                excerpt,
                assessment,
                STATES[entry.urgency],
                Severity(entry.severity),
                entry.reach,
                entry.complaints,
                review,
                name,
                entry.campaign_id,
                waiting.get(entry.campaign_id or 0, 1) if is_waiting(entry) else 1,
            )
        )
    return rows


def _reviews(session: Session, numbers: list[int]) -> Mapping[int, tuple[Review, str]]:
    if not numbers:
        return {}
    query = (
        select(Review, Reviewer.display_name)
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .where(Review.id.in_(numbers))
    )
    return {review.id: (review, name) for review, name in session.execute(query)}
