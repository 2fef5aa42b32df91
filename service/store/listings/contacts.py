"""Contacts of sellers, and the listings on any platform that share them. Personal data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from labels.schema import ContactKind
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.tables.campaign_tables import SellerContact
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import UNSURE, WITHDRAWN, Listing, Review, Reviewer

MAX_VALUE = 500


@dataclass(frozen=True)
class SharedContact:
    """A contact of a listing, and the number of other listings with it."""

    kind: ContactKind
    value: str
    others: int


@dataclass(frozen=True)
class LinkedListing:
    """Another listing that shares a contact with this one.

    ``review`` is the newest review of its current text, with the reviewer's name; ``through`` are the shared
    contacts.
    """

    listing: Listing
    through: tuple[tuple[ContactKind, str], ...]
    review: Review | None
    reviewer_name: str | None


@dataclass(frozen=True)
class SellerCounts:
    """Totals over all linked listings: their number, platforms, and decisions by kind."""

    listings: int
    platforms: int
    decisions: dict[str, int]


_OTHER = aliased(SellerContact)


class ContactRepository(Repository):
    """Repository of sellers' contacts."""

    def of(self, listing_id: int) -> list[SharedContact]:
        """The contacts of a listing, each with the number of other listings that share it."""
        shared = (
            select(func.count())
            .where(
                _OTHER.kind == SellerContact.kind,
                _OTHER.value == SellerContact.value,
                _OTHER.listing_id != listing_id,
            )
            .correlate(SellerContact)
            .scalar_subquery()
        )
        query = (
            select(SellerContact.kind, SellerContact.value, shared)
            .where(SellerContact.listing_id == listing_id)
            .order_by(SellerContact.kind, SellerContact.value)
        )
        with self.database.reading() as session:
            return [
                SharedContact(ContactKind(kind), value, others)
                for kind, value, others in session.execute(query)
            ]

    def linked(self, listing_id: int, limit: int = 50) -> list[LinkedListing]:
        """Other listings that share a contact with this one, newest first."""
        with self.database.reading() as session:
            numbers = list(
                session.scalars(
                    naming_the_same(listing_id)
                    .order_by(SellerContact.listing_id.desc())
                    .distinct()
                    .limit(limit)
                )
            )
            through: dict[int, list[tuple[ContactKind, str]]] = {}
            mine = aliased(SellerContact)
            pairs = (
                select(SellerContact.listing_id, SellerContact.kind, SellerContact.value)
                .select_from(SellerContact)
                .join(mine, (mine.kind == SellerContact.kind) & (mine.value == SellerContact.value))
                .where(mine.listing_id == listing_id, SellerContact.listing_id.in_(numbers))
                .order_by(SellerContact.kind, SellerContact.value)
            )
            for number, kind, value in session.execute(pairs):
                through.setdefault(number, []).append((ContactKind(kind), value))
            query = (
                select(Listing, Review, Reviewer.display_name)
                .select_from(Listing)
                .outerjoin(QueueEntry, QueueEntry.listing_id == Listing.id)
                .outerjoin(Review, Review.id == QueueEntry.review_id)
                .outerjoin(Reviewer, Reviewer.id == Review.reviewer_id)
                .where(Listing.id.in_(numbers))
                .order_by(Listing.id.desc())
            )
            return [
                LinkedListing(listing, tuple(through.get(listing.id, ())), _standing(review), name)
                for listing, review, name in session.execute(query)
            ]

    def counts(self, listing_id: int) -> SellerCounts:
        """Totals over all linked listings, not only those that :meth:`linked` returns."""
        others = naming_the_same(listing_id)
        decided = (
            select(Review.decision, func.count())
            .select_from(QueueEntry)
            .join(Review, Review.id == QueueEntry.review_id)
            .where(QueueEntry.listing_id.in_(others), Review.decision.not_in((UNSURE, WITHDRAWN)))
            .group_by(Review.decision)
        )
        with self.database.reading() as session:
            listings, platforms = session.execute(
                select(func.count(), func.count(Listing.platform.distinct())).where(Listing.id.in_(others))
            ).one()
            decisions = {decision: number for decision, number in session.execute(decided)}
        return SellerCounts(listings, platforms, decisions)


def add_contacts(session: Session, listing_id: int, contacts: Iterable[tuple[str, str]]) -> None:
    """Add those contacts of a listing that are not stored yet."""
    found = session.execute(
        select(SellerContact.kind, SellerContact.value).where(SellerContact.listing_id == listing_id)
    )
    known = {(kind, value) for kind, value in found}
    for kind, value in sorted(contacts):
        kept = storable(value)[:MAX_VALUE]
        if kept and (kind, kept) not in known:
            known.add((kind, kept))
            session.add(SellerContact(listing_id=listing_id, kind=kind, value=kept))
    session.flush()


def naming_the_same(listing_id: int) -> Select[Any]:
    """The numbers of the other listings that share a contact with this one."""
    mine = aliased(SellerContact)
    return (
        select(SellerContact.listing_id)
        .select_from(SellerContact)
        .join(mine, (mine.kind == SellerContact.kind) & (mine.value == SellerContact.value))
        .where(mine.listing_id == listing_id, SellerContact.listing_id != listing_id)
    )


def _standing(review: Review | None) -> Review | None:
    return None if review is None or review.decision == WITHDRAWN else review
