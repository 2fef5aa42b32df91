"""Filters of the queue and the API."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from labels.schema import RegistryStatus
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.store.appeals.answering import is_unanswered
from service.store.appeals.tables import Appeal
from service.store.cases.assignments import is_live
from service.store.database.repository import Repository
from service.store.index import search
from service.store.index.entries import CaseState, in_state, mark, seller_key
from service.store.index.keyset import Ordering, cut
from service.store.index.pages import Order, Page
from service.store.index.search import NO_SEARCH, SearchQuery
from service.store.tables.case_tables import CaseClaim, QueueEntry
from service.store.tables.core_tables import WITHDRAWN, Listing, Review
from service.store.teamwork.questions import is_open
from service.store.teamwork.tables import CaseMessage
from service.store.tenants.read_scope import ReadScope

T = TypeVar("T")


class NoLicence(StrEnum):
    """A filter value in place of a registry status: listings without any licence number."""

    NO_NUMBER = "no_number"


LicenceFilter = RegistryStatus | NoLicence


class Assigned(StrEnum):
    """Whose cases to show; ``ANYONE`` selects assigned cases."""

    ME = "me"
    ASKED = "asked"
    """Cases with a question to me that waits for an answer."""
    NOBODY = "nobody"
    ANYONE = "anyone"


class Sort(StrEnum):
    """Sort orders of the queue."""

    PRIORITY = "priority"
    """Undecided, then unsure, then decided; within each by risk weighted with severity
    (``labels.guidance.severity.priority_of``)."""
    RISK = "risk"
    """The same states, then by descending risk."""
    SEVERITY = "severity"
    """The same states, then by descending severity, and by descending risk within each."""
    NEWEST = "newest"
    OLDEST = "oldest"
    REACH = "reach"
    """By descending reach."""


@dataclass(frozen=True)
class QueueFilter:
    """Which listings to show; ``None`` and empty values do not narrow.

    ``seller`` is the full name of a seller, case-insensitive. ``since`` and ``before`` bound the time at
    which a listing was received.
    """

    state: CaseState | None = None
    verdict: Verdict | None = None
    product_class: ProductClass | None = None
    platform: Platform | None = None
    search: SearchQuery = NO_SEARCH
    label: ClaimLabel | None = None
    licence: LicenceFilter | None = None
    seller: str = ""
    since: datetime | None = None
    before: datetime | None = None
    assigned: Assigned | None = None
    decision: str | None = None
    """The newest decision on the current text, a value of ``labels.taxonomy.Verdict`` or ``UNSURE``."""
    decider: int | None = None
    """The number of the reviewer who made it."""
    decided_since: datetime | None = None
    decided_before: datetime | None = None
    sort: Sort = Sort.PRIORITY
    verdicts: tuple[Verdict, ...] = ()
    """Any of several; used by the API."""
    appealed: bool = False
    """Only listings with an open appeal."""
    campaign: int | None = None
    """The number of a campaign."""
    source: str | None = None
    reach: ReadScope | None = None
    """What the requesting key may read; ``None`` for people."""

    @property
    def about_decisions(self) -> bool:
        """Whether it narrows by what was decided, by whom or when."""
        narrowing = (self.decision, self.decider, self.decided_since, self.decided_before)
        return any(value is not None for value in narrowing)

    def accepts(self, review: Review | None) -> bool:
        """Whether a newest review fits what is said of decisions; the same test as in the query."""
        if not self.about_decisions:
            return True
        if review is None or review.decision == WITHDRAWN:
            return False
        return (
            self.decision in (None, review.decision)
            and self.decider in (None, review.reviewer_id)
            and (self.decided_since is None or review.created_at >= self.decided_since)
            and (self.decided_before is None or review.created_at < self.decided_before)
        )

    @property
    def is_a_tenants(self) -> bool:
        """Whether a tenant asks, to whom withheld decisions are not shown."""
        return self.reach is not None and self.reach.tenant_id is not None


ORDERINGS: dict[Sort, Ordering] = {
    Sort.PRIORITY: Ordering("priority", (QueueEntry.urgency, QueueEntry.priority, QueueEntry.listing_id)),
    Sort.RISK: Ordering("risk", (QueueEntry.urgency, QueueEntry.risk, QueueEntry.listing_id)),
    Sort.SEVERITY: Ordering(
        "severity", (QueueEntry.urgency, QueueEntry.severity, QueueEntry.risk, QueueEntry.listing_id)
    ),
    Sort.NEWEST: Ordering("newest", (QueueEntry.received_at, QueueEntry.listing_id)),
    Sort.OLDEST: Ordering("oldest", (QueueEntry.received_at, QueueEntry.listing_id), descending=False),
    Sort.REACH: Ordering("reach", (QueueEntry.reach, QueueEntry.listing_id)),
}

# Columns with an index that also provides this order.
_BOTH = {
    *product(("urgency", "verdict", "product_class", "platform"), ("priority",)),
    ("urgency", "risk"),
    ("urgency", "severity"),
    ("verdict", "riskiest"),
    ("source", "deposited"),
    ("source", "last"),
}

API_ORDERINGS: dict[Order, Ordering] = {
    Order.DEPOSITED: Ordering("deposited", (QueueEntry.listing_id,), descending=False),
    Order.NEWEST: Ordering("last", (QueueEntry.listing_id,)),
    Order.RISK: Ordering("riskiest", (QueueEntry.risk, QueueEntry.listing_id)),
    Order.REACH: Ordering("reach", (QueueEntry.reach, QueueEntry.listing_id)),
}


class FindRepository(Repository):
    """Repository for finding listings, assessed or not, by the columns of the queue."""

    def page(
        self, wanted: QueueFilter, order: Order = Order.DEPOSITED, cursor: str | None = None, limit: int = 50
    ) -> Page[Listing]:
        """One page of listings, and the cursor of the next page.

        The filter's ``sort`` and ``assigned`` are ignored. Raises
        :class:`~service.store.database.errors.BadCursor`.
        """
        with self.database.reading() as session:
            ordering = API_ORDERINGS[order]
            found_by = conditions(session, wanted, self.database.is_sqlite, ordering=ordering)
            query = select(QueueEntry).where(*found_by)
            if order is Order.RISK:
                query = query.where(QueueEntry.risk.is_not(None))
            found = cut(session, query, ordering, cursor, limit)
            numbers = [entry.listing_id for entry in found.entries]
            rows = {row.id: row for row in session.scalars(select(Listing).where(Listing.id.in_(numbers)))}
            return Page([rows[number] for number in numbers], found.next)


def conditions(
    session: Session,
    wanted: QueueFilter,
    is_sqlite: bool,
    me: int | None = None,
    ordering: Ordering | None = None,
) -> list[ColumnElement[bool]]:
    """Conditions on an entry for this filter.

    ``me`` is the reviewer that ``Assigned.ME`` means.

    With an ``ordering``, SQLite, which has no statistics here, is steered to walk the index of that order
    rather than to collect half the table by another index and sort it.
    """
    led = is_sqlite and ordering is not None
    found: list[ColumnElement[bool]] = []

    def column(of: InstrumentedAttribute[T]) -> ColumnElement[T]:
        walked = led and ordering is not None and (of.key, ordering.name) not in _BOTH
        return unindexed(of) if walked else of.expression

    if wanted.state is not None:
        known = QueueEntry.told_urgency if wanted.is_a_tenants else QueueEntry.urgency
        found.append(in_state(column(known), wanted.state))
    for of, value in (
        (QueueEntry.verdict, wanted.verdict),
        (QueueEntry.product_class, wanted.product_class),
        (QueueEntry.platform, wanted.platform),
    ):
        if value is not None:
            found.append(column(of) == value.value)
    if wanted.verdicts:
        found.append(_any_of(column(QueueEntry.verdict), wanted.verdicts, led))
    if wanted.appealed:
        found.append(QueueEntry.listing_id.in_(select(Appeal.listing_id).where(is_unanswered())))
    found += [QueueEntry.campaign_id == wanted.campaign] if wanted.campaign is not None else []
    if wanted.source is not None:
        found.append(column(QueueEntry.source) == wanted.source)
    if wanted.reach is not None:
        # Always use this index, as SQLite prefers: a tenant owns a small part of the store.
        found.append(wanted.reach.covers(session, QueueEntry.source))
    if wanted.seller:
        found.append(QueueEntry.seller == seller_key(wanted.seller))
    if wanted.label is not None:
        found.append(_holds(QueueEntry.labels, wanted.label.value, is_sqlite))
    if wanted.licence is NoLicence.NO_NUMBER:
        found += [QueueEntry.licences == "", QueueEntry.risk.is_not(None)]
    elif wanted.licence is not None:
        found.append(_holds(QueueEntry.licences, wanted.licence.value, is_sqlite))
    found += _received(session, wanted, led)
    if wanted.assigned is not None:
        found.append(_assigned(wanted.assigned, me))
    found += [_decided(wanted)] if wanted.about_decisions else []
    number = QueueEntry.listing_id.expression
    return found + search.conditions(session, wanted.search, number, is_sqlite, ordering is not None)


def unindexed(column: InstrumentedAttribute[T]) -> ColumnElement[T]:
    """The column behind a unary plus, which prevents SQLite from using an index on it."""
    return literal_column(f"+queue_entry.{column.key}", column.type)


def held_by_others(me: int | None) -> Select[Any]:
    """The numbers of listings that somebody else works on."""
    held = select(CaseClaim.listing_id).where(is_live())
    return held if me is None else held.where(CaseClaim.reviewer_id != me)


def _holds(column: InstrumentedAttribute[str], value: str, is_sqlite: bool) -> ColumnElement[bool]:
    # Four times as fast as LIKE with an escape when every entry is scanned.
    where = func.instr if is_sqlite else func.strpos
    return where(column, mark(value)) > 0


def _any_of(column: ColumnElement[Any], verdicts: tuple[Verdict, ...], led: bool) -> ColumnElement[bool]:
    if len(verdicts) == 1:
        return column == verdicts[0].value
    # With several values no index provides an order.
    column = unindexed(QueueEntry.verdict) if led else column
    return column.in_([verdict.value for verdict in verdicts])


def _received(session: Session, wanted: QueueFilter, led: bool) -> list[ColumnElement[bool]]:
    """Bounds on the time of receipt; a short span is collected and sorted, a long one is walked."""

    def bounds(column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        since = [column >= wanted.since] if wanted.since is not None else []
        return since + ([column < wanted.before] if wanted.before is not None else [])

    exact = bounds(QueueEntry.received_at.expression)
    if not exact or not led:
        return exact
    some = select(QueueEntry.listing_id).where(*exact).limit(search.FEW + 1).subquery()
    few = (session.scalar(select(func.count()).select_from(some)) or 0) <= search.FEW
    return exact if few else bounds(unindexed(QueueEntry.received_at))


def _decided(wanted: QueueFilter) -> ColumnElement[bool]:
    found = [Review.id == QueueEntry.review_id, Review.decision != WITHDRAWN]
    if wanted.decision is not None:
        found.append(Review.decision == wanted.decision)
    if wanted.decider is not None:
        found.append(Review.reviewer_id == wanted.decider)
    if wanted.decided_since is not None:
        found.append(Review.created_at >= wanted.decided_since)
    if wanted.decided_before is not None:
        found.append(Review.created_at < wanted.decided_before)
    return select(Review.id).where(*found).exists()


def _assigned(assigned: Assigned, me: int | None) -> ColumnElement[bool]:
    if assigned is Assigned.ASKED:
        asked = select(CaseMessage.listing_id).where(CaseMessage.asked_id == me, is_open())
        return QueueEntry.listing_id.in_(asked)
    held = select(CaseClaim.listing_id).where(is_live())
    if assigned is Assigned.ME:
        return QueueEntry.listing_id.in_(held.where(CaseClaim.reviewer_id == me))
    anyone = QueueEntry.listing_id.in_(held)
    return anyone if assigned is Assigned.ANYONE else ~anyone
