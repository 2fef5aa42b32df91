"""The decided listings of a campaign or seller that can share one letter."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from service.store.cases.decisions import TAKES_DOWN, Decided, decides
from service.store.listings.contacts import naming_the_same
from service.store.referrals.steps import OPEN
from service.store.tables.campaign_tables import CampaignMember
from service.store.tables.core_tables import AssessmentRow, Listing, Review
from service.store.tables.referral_tables import Recipient, ReferralListing, ReferralRow


@dataclass(frozen=True)
class Candidates:
    """Decisions that a letter to a recipient can rest on, by listing.

    Attributes:
        decided: the candidates, up to the requested limit.
        total: how many there are.
        under_way: listings already covered by an open letter to the same recipient.
    """

    decided: list[Decided]
    total: int
    under_way: int


def of_campaign(campaign_id: int) -> Select[Any]:
    """The listings of a campaign."""
    return select(CampaignMember.listing_id).where(CampaignMember.campaign_id == campaign_id)


def of_seller(listing_id: int) -> Select[Any]:
    """A listing and those that share a contact with it."""
    named = naming_the_same(listing_id)
    return select(Listing.id).where((Listing.id == listing_id) | Listing.id.in_(named))


def candidates(
    session: Session,
    listings: Select[Any],
    recipient: Recipient,
    province: str,
    without: Collection[int],
    limit: int,
    among: Collection[int] | None = None,
) -> Candidates:
    """The candidates in ``listings`` except ``without``; ``among`` narrows to these reviews."""
    later = aliased(Review)
    replaced = exists(
        select(later.id).where(later.listing_id == Review.listing_id, later.id > Review.id, decides(later))
    )
    taken = exists(
        select(ReferralListing.id)
        .join(ReferralRow, ReferralRow.id == ReferralListing.referral_id)
        .where(
            ReferralListing.review_id == Review.id,
            ReferralListing.removed_at.is_(None),
            ReferralRow.recipient == recipient.value,
            ReferralRow.province == province,
            ReferralRow.status.in_([status.value for status in OPEN]),
        )
    )
    standing = (
        Review.listing_id.in_(listings),
        Review.listing_id.not_in(without),
        Review.decision.in_(TAKES_DOWN),
        ~replaced,
        *(() if among is None else (Review.id.in_(among),)),
    )
    query = (
        select(Review, AssessmentRow, Listing)
        .join(AssessmentRow, AssessmentRow.id == Review.assessment_id)
        .join(Listing, Listing.id == Review.listing_id)
        .where(*standing, ~taken)
        .order_by(Review.listing_id)
        .limit(limit)
    )
    total, under_way = (
        session.scalar(select(func.count()).select_from(Review).where(*standing, condition)) or 0
        for condition in (~taken, taken)
    )
    found = [Decided(review, row, listing, None) for review, row, listing in session.execute(query)]
    return Candidates(found, total, under_way)
