"""The listings that a letter is about."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.store.referrals.standing import stands
from service.store.tables.core_tables import Listing, Review
from service.store.tables.referral_tables import ReferralListing


@dataclass(frozen=True)
class CoveredListing:
    """A listing of a letter.

    ``title`` is the listing's, or the beginning of its description; ``stands`` is whether the decision behind
    it still stands.
    """

    item: ReferralListing
    review: Review
    title: str
    stands: bool


def still_covered(session: Session, referral_id: int) -> list[ReferralListing]:
    """The current listings of a letter, in its order."""
    query = select(ReferralListing).where(
        ReferralListing.referral_id == referral_id, ReferralListing.removed_at.is_(None)
    )
    return list(session.scalars(query.order_by(ReferralListing.id)))


def covered(session: Session, referral_id: int) -> list[CoveredListing]:
    """The listings of a letter in its order, including removed ones."""
    # Descriptions may be long, and a page needs only the beginning.
    start = func.substr(Listing.description, 1, 200)
    query = (
        select(ReferralListing, Review, Listing.title, start)
        .join(Review, Review.id == ReferralListing.review_id)
        .join(Listing, Listing.id == ReferralListing.listing_id)
        .where(ReferralListing.referral_id == referral_id)
        .order_by(ReferralListing.id)
    )
    return [
        CoveredListing(item, review, title or beginning, item.removed_at is None and stands(session, review))
        for item, review, title, beginning in session.execute(query).all()
    ]


def about(listing_ids: Collection[int]) -> Select[Any]:
    """The numbers of the referrals that cover, or as drafts covered, any of these listings."""
    return select(ReferralListing.referral_id).where(ReferralListing.listing_id.in_(listing_ids))
