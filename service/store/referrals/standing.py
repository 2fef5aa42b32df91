"""The decision on which a letter may rest, and the letter's date."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.cases.decisions import TAKES_DOWN
from service.store.tables.core_tables import UNSURE, Review
from service.store.tables.referral_tables import ReferralRow


def stands(session: Session, review: Review) -> bool:
    """Whether a review is adverse and not replaced by a later decision.

    "Unsure" replaces nothing: it asks a colleague, and the decision stands until that colleague answers.
    """
    later = (
        select(Review.id)
        .where(Review.listing_id == review.listing_id, Review.id > review.id, Review.decision != UNSURE)
        .limit(1)
    )
    return review.decision in TAKES_DOWN and session.scalar(later) is None


def dated(referral: ReferralRow, reviews: Iterable[Review]) -> datetime:
    """The date of a letter: of its number, or of the last decision that it rests on, if later."""
    return max((referral.created_at, *(review.created_at for review in reviews)))
