"""Which decision a letter may rest on, and what date that gives it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.cases.decisions import TAKES_DOWN
from service.store.tables.core_tables import UNSURE, Review
from service.store.tables.referral_tables import ReferralRow


def stands(session: Session, review: Review) -> bool:
    """Whether a review is against its listing and nothing that was decided since replaces it.

    "Unsure" replaces nothing: it asks a colleague, and the decision stands until that one answers.
    """
    later = (
        select(Review.id)
        .where(Review.listing_id == review.listing_id, Review.id > review.id, Review.decision != UNSURE)
        .limit(1)
    )
    return review.decision in TAKES_DOWN and session.scalar(later) is None


def dated(referral: ReferralRow, reviews: Iterable[Review]) -> datetime:
    """When a letter was made: with its number, or with the last decision that it rests on, if later."""
    return max((referral.created_at, *(review.created_at for review in reviews)))
