"""The newest review of a listing's present text, as a piece of a query."""

from sqlalchemy import ScalarSelect, case, func, or_, select

from service.store.models import UNSURE, WITHDRAWN, AssessmentRow, Listing, Review

NEWEST_REVIEW: ScalarSelect[int] = (
    select(Review.id)
    .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
    .where(Review.listing_id == Listing.id, AssessmentRow.listing_text_sha256 == Listing.text_sha256)
    .order_by(Review.id.desc())
    .limit(1)
    .correlate(Listing)
    .scalar_subquery()
)
"""Its number; join ``Review`` to it from outside."""

LAST_REVIEW: ScalarSelect[int] = (
    select(func.max(Review.id)).where(Review.listing_id == Listing.id).correlate(Listing).scalar_subquery()
)
"""The number of the newest review of any text of the listing."""

UNDECIDED = or_(Review.id.is_(None), Review.decision.in_((WITHDRAWN, UNSURE)))
RANK = case(
    (or_(Review.id.is_(None), Review.decision == WITHDRAWN), 0), (Review.decision == UNSURE, 1), else_=2
)
"""0 for a case that waits, 1 for one that left a reviewer unsure, 2 for a decided one."""
