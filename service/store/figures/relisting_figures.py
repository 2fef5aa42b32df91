"""Re-listings: listings that share something with one that was decided against before.

They have contacts, campaign or pictures in common, or pictures that show the same, and appeared after the
decision. They decide nothing: a shared picture or contact only shows where to look.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, union, union_all
from sqlalchemy.orm import Session, aliased

from service.store.database.periods import Span, within
from service.store.database.repository import Repository
from service.store.listings.recrawl import standing_decisions
from service.store.pictures.tables import ListingPicture, PictureLikeness
from service.store.tables.campaign_tables import CampaignMember, SellerContact
from service.store.tables.core_tables import Listing, Review

MOST_SHARING: Final = 200
"""A picture or contact shared by more listings than this belongs to the marketplace and means nothing."""

_FEW: Final = 500
"""Up to this many decisions are listed in a query; for more, the query selects them again."""


class Sharing(StrEnum):
    """What a listing shares with the decided one."""

    CONTACT = "contact"
    WORDS = "words"
    """They belong to one campaign."""
    PICTURE = "picture"
    """They show the same picture file."""
    LIKE_PICTURE = "like_picture"
    """They show pictures that are the same but for an edit."""


@dataclass(frozen=True)
class Relisting:
    """A listing that appeared ``seconds`` after the decision on another."""

    listing_id: int
    relisted_id: int
    sharing: frozenset[Sharing]
    first_seen: datetime
    seconds: int


@dataclass(frozen=True)
class WatchedListing:
    """A listing decided against, and its re-listings in chronological order."""

    listing_id: int
    platform: str
    seller: str
    relistings: tuple[Relisting, ...]


class RelistingFigures(Repository):
    """Repository of re-listings."""

    def watched(self, span: Span) -> list[WatchedListing]:
        """Return the listings with an adverse decision in force from the span, each with its re-listings."""
        decided = (
            select(Review.listing_id, Listing.platform, Listing.seller)
            .join(Listing, Listing.id == Review.listing_id)
            .where(Review.id.in_(standing_decisions()), *within(Review.created_at, span))
            .order_by(Review.listing_id)
        )
        with self.database.reading() as session:
            standing = Review.id.in_(standing_decisions())
            found = _relistings(session, standing, *within(Review.created_at, span))
            return [
                WatchedListing(number, platform or "", seller or "", tuple(found.get(number, ())))
                for number, platform, seller in session.execute(decided)
            ]

    def of(self, listing_id: int, limit: int = 20) -> list[tuple[Relisting, Listing]]:
        """Return a listing's re-listings in chronological order.

        There are none without an adverse decision in force.
        """
        with self.database.reading() as session:
            standing = _narrowed(session, standing_decisions([listing_id]))
            if standing is None:
                return []
            found = _relistings(session, standing).get(listing_id, [])[:limit]
            rows = _listings(session, [item.relisted_id for item in found])
        return [(item, rows[item.relisted_id]) for item in found]

    def decided_before(self, listing_id: int, limit: int = 20) -> list[tuple[Relisting, Listing]]:
        """Return the listings decided against of which this one may be a re-listing, newest first."""
        with self.database.reading() as session:
            # Narrow to listings that share something: the reviews of all listings are too many.
            standing = _narrowed(session, standing_decisions(_sharing_with(listing_id)))
            if standing is None:
                return []
            pairs = _relistings(session, standing, Listing.id == listing_id).values()
            found = [item for items in pairs for item in items]
            found = sorted(found, key=lambda item: (item.seconds, item.listing_id))[:limit]
            rows = _listings(session, [item.listing_id for item in found])
        return [(item, rows[item.listing_id]) for item in found]


def _narrowed(session: Session, decisions: Select[int]) -> ColumnElement[bool] | None:
    """Return the condition that a review is one of these decisions; ``None`` if there are none.

    Most listings have none, and need no further query.
    """
    found = list(session.scalars(decisions.limit(_FEW + 1)))
    if not found:
        return None
    return Review.id.in_(found if len(found) <= _FEW else decisions)


def _listings(session: Session, numbers: list[int]) -> dict[int, Listing]:
    if not numbers:
        return {}
    return {row.id: row for row in session.scalars(select(Listing).where(Listing.id.in_(numbers)))}


def _sharing_with(listing_id: int) -> Select[Any]:
    """Return a query of the listings that share a contact, a campaign or a picture with this one.

    A picture that is like one of its pictures counts too.
    """
    tables: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (SellerContact, ("kind", "value")),
        (CampaignMember, ("campaign_id",)),
        (ListingPicture, ("sha256",)),
    )
    found = []
    for table, names in tables:
        mine, other = _pair_of(table)
        alike = and_(*(getattr(mine, name) == getattr(other, name) for name in names))
        found.append(select(other.listing_id).join(mine, alike).where(mine.listing_id == listing_id))
    known, new = _pair_of(ListingPicture)
    found.append(
        select(known.listing_id)
        .join(PictureLikeness, PictureLikeness.known_sha256 == known.sha256)
        .join(new, new.sha256 == PictureLikeness.sha256)
        .where(new.listing_id == listing_id)
    )
    return select(union(*found).subquery())


@cache
def _pair_of(table: Any) -> tuple[Any, Any]:
    return aliased(table), aliased(table)


def _relistings(session: Session, *conditions: ColumnElement[bool]) -> dict[int, list[Relisting]]:
    """Return re-listings by the number of the decided listing; the conditions narrow the decisions."""
    shared: dict[tuple[int, int], tuple[set[Sharing], datetime, datetime]] = {}
    queries = {
        Sharing.CONTACT: _contacts(),
        Sharing.WORDS: _words(),
        Sharing.PICTURE: _pictures(),
        Sharing.LIKE_PICTURE: _like_pictures(),
    }
    every = union_all(
        *(query.add_columns(literal(kind.value)).where(*conditions) for kind, query in queries.items())
    )
    for number, other, decided_at, seen_at, kind in session.execute(every):
        kinds, _, first = shared.get((number, other), (set(), decided_at, seen_at))
        shared[number, other] = kinds | {Sharing(kind)}, decided_at, min(first, seen_at)
    found: dict[int, list[Relisting]] = {}
    for (number, other), (kinds, decided_at, seen_at) in shared.items():
        seconds = int((seen_at - decided_at).total_seconds())
        found.setdefault(number, []).append(Relisting(number, other, frozenset(kinds), seen_at, seconds))
    for items in found.values():
        items.sort(key=lambda item: (item.first_seen, item.relisted_id))
    return found


@cache
def _contacts() -> Select[Any]:
    mine, other, any_ = aliased(SellerContact), aliased(SellerContact), aliased(SellerContact)
    sharing = select(func.count()).where(any_.kind == mine.kind, any_.value == mine.value)
    alike = (other.kind == mine.kind) & (other.value == mine.value)
    return _pairs(mine, other, alike).where(sharing.correlate(mine).scalar_subquery() <= MOST_SHARING)


@cache
def _words() -> Select[Any]:
    mine, other = aliased(CampaignMember), aliased(CampaignMember)
    return _pairs(mine, other, other.campaign_id == mine.campaign_id)


@cache
def _pictures() -> Select[Any]:
    mine, other, any_ = aliased(ListingPicture), aliased(ListingPicture), aliased(ListingPicture)
    sharing = select(func.count()).where(any_.sha256 == mine.sha256)
    alike = other.sha256 == mine.sha256
    return _pairs(mine, other, alike).where(sharing.correlate(mine).scalar_subquery() <= MOST_SHARING)


@cache
def _like_pictures() -> Select[Any]:
    mine, other, like = aliased(ListingPicture), aliased(ListingPicture), aliased(PictureLikeness)
    # Joined by equality: PostgreSQL plans a correlated IN as a scan of all pictures for each decision.
    pairs = _pairs(mine, other, other.sha256 == like.sha256, between=(like, like.known_sha256 == mine.sha256))
    for digest in (like.known_sha256, like.sha256):
        any_ = aliased(ListingPicture)
        sharing = select(func.count()).where(any_.sha256 == digest).correlate(like)
        pairs = pairs.where(sharing.scalar_subquery() <= MOST_SHARING)
    return pairs


def _pairs(
    mine: Any,
    other: Any,
    alike: ColumnElement[bool],
    between: tuple[Any, ColumnElement[bool]] | None = None,
) -> Select[Any]:
    """Return pairs of a decided listing and a later one with matching rows, with both times.

    ``between`` is a table that leads from one row to the other, and its condition.
    """
    query = (
        select(Review.listing_id, other.listing_id, Review.created_at, Listing.first_seen)
        .select_from(Review)
        .join(mine, mine.listing_id == Review.listing_id)
    )
    if between is not None:
        query = query.join(*between)
    return (
        query.join(other, alike)
        .join(Listing, Listing.id == other.listing_id)
        .where(
            other.listing_id != Review.listing_id,
            Listing.first_seen > Review.created_at,
        )
    )
