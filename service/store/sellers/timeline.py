"""The timeline of a seller: what happened about the listings that share a contact."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from labels.schema import ContactKind
from service.store.database.repository import Repository
from service.store.index.entries import URGENCY, CaseState
from service.store.pictures.tables import ListingPicture
from service.store.referrals.candidates import of_seller
from service.store.tables.alert_tables import AlertRow
from service.store.tables.campaign_tables import SellerContact
from service.store.tables.case_tables import QueueEntry
from service.store.tables.complaint_tables import Complaint
from service.store.tables.core_tables import Base, Listing, Review, Reviewer
from service.store.tables.referral_tables import ReferralEvent, ReferralListing, ReferralRow, ReferralStatus

MAX_LISTINGS = 1000
"""Listings of a seller that the timeline covers, the newest first."""
MAX_CONTACTS = 100

Row = TypeVar("Row", bound=Base)


class SellerEventKind(StrEnum):
    """The kinds of entries in a seller's timeline."""

    LISTING = "listing"
    """A listing was first seen."""
    PICTURE = "picture"
    """A listing showed new pictures."""
    CONTACT = "contact"
    """A contact was seen for the first time."""
    DECISION = "decision"
    LETTER = "letter"
    """A letter was drafted."""
    STEP = "step"
    """A letter was sent, or answered."""
    COMPLAINT = "complaint"
    ALERT = "alert"
    WITHDRAWAL = "withdrawal"
    """A public warning was withdrawn."""


@dataclass(frozen=True)
class Unseen:
    """What a reviewer must not learn who reads some of the seller's cases blind.

    Decisions, letters and warnings of the listings in ``hidden`` are left out, and those of other listings
    that rest on a review from ``before`` on. ``kept`` are letters and ``kept_alerts`` warnings that they know
    because they made them.
    """

    hidden: frozenset[int] = frozenset()
    before: int | None = None
    kept: frozenset[int] = frozenset()
    kept_alerts: frozenset[int] = frozenset()


NOTHING_HIDDEN = Unseen()


@dataclass(frozen=True)
class SellerEvent:
    """An entry of the timeline.

    ``row`` is the row behind it (a :class:`Review`, :class:`ReferralRow`, …; for pictures the listing),
    ``step`` the event of a letter, ``count`` the number of new pictures.
    """

    at: datetime
    kind: SellerEventKind
    listing: Listing | None
    row: Any
    who: str = ""
    step: ReferralEvent | None = None
    count: int = 0


@dataclass(frozen=True)
class KnownContact:
    """A contact of the seller and the number of listings that show it."""

    kind: ContactKind
    value: str
    listings: int


@dataclass(frozen=True)
class SellerSummary:
    """Who a seller is: names, platforms, contacts, and how many cases wait.

    ``listings`` are the newest ones, at most :data:`MAX_LISTINGS`; ``total`` counts all.
    """

    listings: tuple[int, ...]
    total: int
    names: list[tuple[str, int]] = field(default_factory=list)
    platforms: list[tuple[str, int]] = field(default_factory=list)
    contacts: list[KnownContact] = field(default_factory=list)
    waiting: int = 0


class SellerRepository(Repository):
    """Repository of sellers; a seller is named by one of their listings."""

    def summary(self, listing_id: int, unread: Collection[int] = ()) -> SellerSummary:
        """The seller of a listing; ``unread`` are decided listings that count as waiting for the viewer."""
        with self.database.reading() as session:
            numbers = _numbers(session, listing_id)
            total = session.scalar(select(func.count()).select_from(of_seller(listing_id).subquery())) or 0
            return SellerSummary(
                tuple(numbers),
                total,
                _counted(session, Listing.seller, numbers),
                _counted(session, Listing.platform, numbers),
                _contacts(session, numbers),
                _waiting(session, numbers, unread),
            )

    def counts(
        self, listing_ids: Sequence[int], unseen: Unseen = NOTHING_HIDDEN
    ) -> dict[SellerEventKind, int]:
        """The number of entries of each kind in the timeline of these listings."""
        events = _events(listing_ids, unseen)
        query = select(events.c.kind, func.count()).group_by(events.c.kind)
        with self.database.reading() as session:
            return {SellerEventKind(kind): number for kind, number in session.execute(query)}

    def timeline(
        self,
        listing_ids: Sequence[int],
        unseen: Unseen = NOTHING_HIDDEN,
        kinds: Collection[SellerEventKind] = tuple(SellerEventKind),
        offset: int = 0,
        limit: int = 50,
    ) -> list[SellerEvent]:
        """A page of the timeline of these listings, newest first."""
        events = _events(listing_ids, unseen)
        query = (
            select(events)
            .where(events.c.kind.in_([kind.value for kind in kinds]))
            .order_by(events.c.at.desc(), events.c.kind, events.c.number.desc())
            .offset(offset)
            .limit(limit)
        )
        with self.database.reading() as session:
            return _hydrated(session, session.execute(query).all())


def _numbers(session: Session, listing_id: int) -> list[int]:
    query = of_seller(listing_id).order_by(Listing.id.desc()).limit(MAX_LISTINGS)
    found = list(session.scalars(query))
    return found if listing_id in found or not found else [listing_id, *found[:-1]]


def _counted(
    session: Session, column: InstrumentedAttribute[Any], numbers: Sequence[int]
) -> list[tuple[str, int]]:
    query = (
        select(column, func.count())
        .where(Listing.id.in_(numbers), column.is_not(None), column != "")
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(20)
    )
    return [(value, number) for value, number in session.execute(query)]


def _contacts(session: Session, numbers: Sequence[int]) -> list[KnownContact]:
    query = (
        select(SellerContact.kind, SellerContact.value, func.count())
        .where(SellerContact.listing_id.in_(numbers))
        .group_by(SellerContact.kind, SellerContact.value)
        .order_by(func.count().desc(), SellerContact.kind, SellerContact.value)
        .limit(MAX_CONTACTS)
    )
    return [KnownContact(ContactKind(kind), value, number) for kind, value, number in session.execute(query)]


def _waiting(session: Session, numbers: Sequence[int], unread: Collection[int]) -> int:
    undecided = QueueEntry.urgency > URGENCY[CaseState.DECIDED]
    blind = [number for number in numbers if number in unread]
    unknown = QueueEntry.listing_id.in_(blind) & (QueueEntry.urgency == URGENCY[CaseState.DECIDED])
    query = select(func.count()).where(QueueEntry.listing_id.in_(numbers), undecided | unknown)
    return session.scalar(query) or 0


def _events(listing_ids: Sequence[int], unseen: Unseen) -> Subquery:
    """Time, kind, number, listing and count of every entry; the number is that of the row in its table."""
    K = SellerEventKind
    among = list(listing_ids)
    seen = [number for number in among if number not in unseen.hidden]

    def early(column: InstrumentedAttribute[int]) -> list[ColumnElement[bool]]:
        return [] if unseen.before is None else [column < unseen.before]

    def part(kind: SellerEventKind, at: Any, number: Any, listing: Any, count: Any = None) -> Select[Any]:
        return select(
            at.label("at"),
            literal(kind.value).label("kind"),
            number.label("number"),
            (null() if listing is None else listing).label("listing_id"),
            (literal(0) if count is None else count).label("count"),
        )

    letters = select(ReferralListing.referral_id).where(
        ReferralListing.listing_id.in_(seen),
        ReferralListing.removed_at.is_(None),
        *early(ReferralListing.review_id),
    )
    told = select(ReferralListing.referral_id).where(ReferralListing.listing_id.in_(unseen.hidden))
    letter = ReferralRow.id.in_(letters) & (ReferralRow.id.not_in(told) | ReferralRow.id.in_(unseen.kept))
    warned = and_(AlertRow.listing_id.in_(seen), *early(AlertRow.review_id))
    alert = warned | and_(AlertRow.id.in_(unseen.kept_alerts), AlertRow.listing_id.in_(among))
    first = func.min(SellerContact.first_seen)
    return union_all(
        part(K.LISTING, Listing.first_seen, Listing.id, Listing.id).where(Listing.id.in_(among)),
        part(
            K.PICTURE,
            ListingPicture.first_seen,
            ListingPicture.listing_id,
            ListingPicture.listing_id,
            func.count(),
        )
        .where(ListingPicture.listing_id.in_(among))
        .group_by(ListingPicture.listing_id, ListingPicture.first_seen),
        part(K.CONTACT, first, func.min(SellerContact.id), func.min(SellerContact.listing_id), func.count())
        .where(SellerContact.listing_id.in_(among))
        .group_by(SellerContact.kind, SellerContact.value),
        part(K.DECISION, Review.created_at, Review.id, Review.listing_id).where(
            Review.listing_id.in_(seen), *early(Review.id)
        ),
        part(K.LETTER, ReferralRow.created_at, ReferralRow.id, ReferralRow.listing_id).where(letter),
        part(K.STEP, ReferralEvent.happened_at, ReferralEvent.id, ReferralRow.listing_id)
        .join(ReferralRow, ReferralRow.id == ReferralEvent.referral_id)
        .where(letter, func.coalesce(ReferralEvent.status, "") != ReferralStatus.DRAFT.value),
        part(K.COMPLAINT, Complaint.received_at, Complaint.id, Complaint.listing_id).where(
            Complaint.listing_id.in_(among)
        ),
        part(K.ALERT, AlertRow.published_at, AlertRow.id, AlertRow.listing_id).where(alert),
        part(K.WITHDRAWAL, AlertRow.withdrawn_at, AlertRow.id, AlertRow.listing_id).where(
            alert, AlertRow.withdrawn_at.is_not(None)
        ),
    ).subquery()


def _hydrated(session: Session, rows: Sequence[Any]) -> list[SellerEvent]:
    K = SellerEventKind

    def of(table: type[Row], *kinds: SellerEventKind) -> Mapping[int, Row]:
        numbers = {row.number for row in rows if row.kind in kinds}
        key: Any = table.id  # type: ignore[attr-defined]
        found = session.scalars(select(table).where(key.in_(numbers))) if numbers else ()
        return {row.id: row for row in found}  # type: ignore[attr-defined]

    steps = of(ReferralEvent, K.STEP)
    numbers = {row.number for row in rows if row.kind == K.LETTER} | {s.referral_id for s in steps.values()}
    letters = {row.id: row for row in session.scalars(select(ReferralRow).where(ReferralRow.id.in_(numbers)))}
    tables: dict[str, Mapping[int, Any]] = {
        K.CONTACT: of(SellerContact, K.CONTACT),
        K.DECISION: of(Review, K.DECISION),
        K.LETTER: letters,
        K.STEP: {number: letters[step.referral_id] for number, step in steps.items()},
        K.COMPLAINT: of(Complaint, K.COMPLAINT),
        K.ALERT: (alerts := of(AlertRow, K.ALERT, K.WITHDRAWAL)),
        K.WITHDRAWAL: alerts,
    }
    about = {row.listing_id for row in rows if row.listing_id is not None}
    listings = {row.id: row for row in session.scalars(select(Listing).where(Listing.id.in_(about)))}
    tables |= {K.LISTING: listings, K.PICTURE: listings}
    people = {person.id: person.display_name for person in session.scalars(select(Reviewer))}
    found = []
    for row in rows:
        kind = SellerEventKind(row.kind)
        behind = tables[kind].get(row.number)
        who = people.get(_author(kind, behind, steps.get(row.number)), "")
        step = steps.get(row.number) if kind is K.STEP else None
        found.append(SellerEvent(row.at, kind, listings.get(row.listing_id), behind, who, step, row.count))
    return found


def _author(kind: SellerEventKind, row: Any, step: ReferralEvent | None) -> int:
    match kind:
        case SellerEventKind.DECISION:
            return int(row.reviewer_id)
        case SellerEventKind.LETTER:
            return int(row.created_by)
        case SellerEventKind.STEP:
            return step.reviewer_id if step else 0
        case SellerEventKind.ALERT:
            return int(row.published_by)
        case SellerEventKind.WITHDRAWAL:
            return int(row.withdrawn_by)
        case _:
            return 0
