"""The decision on which a letter may rest, and the letter's date and year."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from service.store.cases.decisions import TAKES_DOWN, decides
from service.store.tables.core_tables import Review
from service.store.tables.referral_tables import ReferralRow
from service.text.thai_calendar import buddhist_year


def stands(session: Session, review: Review) -> bool:
    """Whether a review is adverse and not replaced by a later decision.

    "Unsure" replaces nothing: it asks a colleague, and the decision stands until that colleague answers.
    """
    if review.decision not in TAKES_DOWN:
        return False
    later = aliased(Review)
    since = later.listing_id == review.listing_id, later.id > review.id
    return session.scalar(select(later.id).where(*since, decides(later)).limit(1)) is None


def dated(referral: ReferralRow, reviews: Iterable[Review]) -> datetime:
    """The date of a letter: of its number, or of the last decision that it rests on, if later."""
    return max((referral.created_at, *(review.created_at for review in reviews)))


def letter_year(referral: ReferralRow, reviews: Iterable[Review]) -> int:
    """The Buddhist year of a letter's date; a draft is sent only in the year of its number."""
    return buddhist_year(dated(referral, reviews))
